// Streams that nothing happens on (contract §3): the signs of life every 25 seconds, and what becomes of
// peers that give none. The tests wait side by side.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until, within } from '../support/wait.mjs';

let server;
let base;
before(async () => {
  server = await startAllInOne();
  base = server.address.http;
});
after(() => server.kill());

// Processor time of a process so far, in hundredths of a second.
function cpuTicks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const assertAbout25Seconds = (ms) => assert.ok(ms > 23_000 && ms < 27_500, `after ${ms} ms`);

describe('liveness', { concurrency: true }, () => {
  it('a WebSocket is pinged and told its number again', async (t) => {
    const start = performance.now();
    const socket = await new Socket(base, subPath({ urlId: 'idle' })).opened();
    t.after(() => socket.ws.terminate());
    await until(() => socket.messages.length === 2, 30_000, 'told again');
    assert.deepEqual(socket.values, [1, 1]);
    assertAbout25Seconds(socket.messages[1].at - start);
    await until(() => socket.pings.length === 1, 1000, 'pinged');
    assertAbout25Seconds(socket.pings[0] - start);
  });

  it('a WebSocket that pongs stays, one that does not is dropped ten seconds later and leaves', async (t) => {
    const alive = await new Socket(base, subPath({ urlId: 'pong', pId: 'alive' })).opened();
    const mute = await new Socket(base, subPath({ urlId: 'pong', pId: 'mute' }), { autoPong: false }).opened();
    t.after(() => [alive, mute].forEach((socket) => socket.ws.terminate()));
    const start = performance.now();
    await within(45_000, mute.closed, 'dropped');
    const took = performance.now() - start;
    assert.ok(took > 33_000 && took < 39_000, `after ${took} ms`);
    await alive.untilValue(1, 13_000);
    assert.equal(alive.ws.readyState, alive.ws.OPEN);
  });

  it('an event stream of /sub repeats its event', async (t) => {
    const start = performance.now();
    const stream = await EventStream.open(base, subPath({ urlId: 'idle-stream' }));
    t.after(() => stream.close());
    await stream.untilEvents(1);
    await stream.untilValue(1);
    const before = stream.events.length;
    await stream.untilEvents(before + 1, 30_000);
    assert.equal(stream.events.at(-1).data, '1');
    assert.equal(stream.events.at(-1).id, stream.events.at(-2).id);
    assertAbout25Seconds(stream.events.at(-1).at - start);
  });

  it('an event stream of /counters gets a comment', async (t) => {
    const start = performance.now();
    const stream = await EventStream.open(base, '/counters/2/');
    t.after(() => stream.close());
    await until(() => stream.comments.length === 2, 30_000, 'a comment');
    assertAbout25Seconds(performance.now() - start);
    assert.equal(stream.events.length, 1);
  });

  it('a request that is not complete within ten seconds is ended', async () => {
    const { hostname, port } = new URL(`http://${base}`);
    const socket = net.connect(Number(port), hostname, () => socket.write('GET /counters/2/ HTTP/1.1\r\nHost:'));
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk) => { answer += chunk; });
    const start = performance.now();
    const trickle = setInterval(() => socket.write('x'), 1000);
    await within(20_000, new Promise((resolve) => socket.on('close', resolve)), 'ended');
    clearInterval(trickle);
    const took = performance.now() - start;
    assert.ok(took > 9500 && took < 12_000, `after ${took} ms`);
    assert.match(answer, /^HTTP\/1\.1 408 |^$/);
  });

  it('bad requests and idle clients leave the processor alone', async () => {
    const socket = net.connect(Number(base.split(':')[1]), '127.0.0.1');
    socket.on('error', () => {});
    socket.end('GET /sub?urlId=%FF HTTP/1.1\r\nHost: x\r\n\r\n');
    await sleep(2000);
    const before = cpuTicks(server.pid);
    await sleep(10_000);
    const used = cpuTicks(server.pid) - before;
    assert.ok(used < 100, `${used} ticks of 1,000`);
  });
});
