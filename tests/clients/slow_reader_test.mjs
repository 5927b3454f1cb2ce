// A reader that stalls for 20 s while its counter changes all the time (contract §2, §3): it is kept, it
// gets the newest value as soon as it reads again, and not what it missed.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { hitsOf, request } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { sleep } from '../support/wait.mjs';

const STALL_MS = 20_000;
const POSTERS = 32;
const COUNTER = '/counters/3/';

let server;
let base;
before(async () => {
  server = await startAllInOne({ flags: ['--min_update_interval=0'] });
  base = server.address.http;
});
after(() => server.kill());

// Posts without a pause until `ms` have gone by.
async function postFor(ms) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: POSTERS });
  const end = performance.now() + ms;
  const post = async () => {
    while (performance.now() < end) await request(base, COUNTER, { method: 'POST', agent });
  };
  await Promise.all(Array.from({ length: POSTERS }, post));
  agent.destroy();
}

it('a reader that stalls for 20 s goes on with the newest value', async (t) => {
  const reader = await EventStream.open(base, COUNTER);
  t.after(() => reader.close());
  await reader.untilValue(0);
  reader.stall();
  const start = performance.now();
  await postFor(STALL_MS - 500);
  await sleep(start + STALL_MS - performance.now());
  const hits = await hitsOf(base, 3);
  const seen = reader.events.length;

  reader.goOn();
  await reader.untilValue(hits, 2000);
  const late = reader.events.length - seen;
  console.log(`${hits} hits in ${STALL_MS} ms; ${late} events after it`);
  const values = reader.events.map(({ data }) => Number(data));
  assert.deepEqual(values, [...values].sort((a, b) => a - b), 'no number is older than the one before');
  assert.equal(reader.isClosed, false);
  assert.ok(late < hits / 4, 'it was sent what it missed');

  await request(base, COUNTER, { method: 'POST' });
  await reader.untilValue(hits + 1, 2000);
});
