// Readers that stall for 20 s while their counter changes all the time (contract §2, §3): they are kept, they
// get the newest value as soon as they read again, and of what they missed only what the kernel held.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { hitsOf, request } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep } from '../support/wait.mjs';

const STALL_MS = 20_000;
const POSTERS = 4;
const MOST_HELD = 6000; // events of about 50 bytes, in the kernel's buffers
const COUNTER = '/counters/3/';
const PRESENCE = { urlId: 'changing' };

let server;
let base;
before(async () => {
  server = await startAllInOne({ flags: ['--min_update_interval=0'] });
  base = server.address.http;
});
after(() => server?.kill());

// Posts without a pause until `end`.
async function postUntil(end) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: POSTERS });
  const post = async () => {
    while (performance.now() < end) await request(base, COUNTER, { method: 'POST', agent });
  };
  await Promise.all(Array.from({ length: POSTERS }, post));
  agent.destroy();
}

// Has a visitor come and go until `end`; resolves with how often the number changed.
async function changeUntil(end) {
  let changes = 0;
  while (performance.now() < end) {
    const visitor = await new Socket(base, subPath({ ...PRESENCE, pId: 'visitor' })).opened();
    await visitor.close();
    changes += 2;
  }
  return changes;
}

it('readers that stall for 20 s go on with the newest value', async (t) => {
  const stream = await EventStream.open(base, COUNTER);
  const socket = await new Socket(base, subPath({ ...PRESENCE, pId: 'watcher', i: 'f' })).opened();
  t.after(() => { stream.close(); socket.ws.terminate(); });
  await Promise.all([stream.untilValue(0), socket.untilValue(0)]);
  stream.stall();
  socket.stall();
  const end = performance.now() + STALL_MS - 500;
  const [, changes] = await Promise.all([postUntil(end), changeUntil(end)]);
  const staying = await new Socket(base, subPath({ ...PRESENCE, pId: 'staying' })).opened();
  t.after(() => staying.ws.terminate());
  await sleep(end + 500 - performance.now());
  const hits = await hitsOf(base, 3);
  const seen = { events: stream.events.length, messages: socket.messages.length };

  stream.goOn();
  socket.goOn();
  await Promise.all([stream.untilValue(hits, 2000), socket.untilValue(1, 2000)]);
  const late = { events: stream.events.length - seen.events, messages: socket.messages.length - seen.messages };
  console.log(`${hits} hits in ${STALL_MS} ms, ${late.events} events after it; ${changes} changes, ${late.messages} messages after it`);
  const values = stream.events.map(({ data }) => Number(data));
  assert.deepEqual(values, [...values].sort((a, b) => a - b), 'no number is older than the one before');
  assert.equal(stream.isClosed, false);
  // A batch, which is one change, has at most one hit of each poster.
  assert.ok(late.events < Math.max(MOST_HELD, hits / POSTERS / 2), `the event stream was sent ${late.events} events that it missed`);
  assert.ok(late.messages < MOST_HELD, `the WebSocket was sent ${late.messages} messages that it missed`);

  await request(base, COUNTER, { method: 'POST' });
  await stream.untilValue(hits + 1, 2000);
  await staying.close();
  await socket.untilValue(0, 2000);
});
