// Many presence counters on one connection (contract §3, /watch), against the all-in-one program.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { EventSource } from '../support/packages.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

let server;
let base;
before(async () => {
  server = await startAllInOne();
  base = server.address.http;
});
after(() => server.kill());

let lists = 0;
// A list page of its own for each test: ids no other test uses.
const makeIds = (count) => Array.from({ length: count }, (_, i) => `list ${lists}/ü${i}`);
function watchPath(ids, key = 'demo') {
  lists += 1;
  return `/watch?key=${key}${ids.map((id) => `&urlId=${encodeURIComponent(id)}`).join('')}`;
}
const objects = (socket) => socket.messages.map(({ text }) => JSON.parse(text));
const join = (urlId, pId) => new Socket(base, subPath({ urlId, pId })).opened();

async function watch(t, ids) {
  const socket = await new Socket(base, watchPath(ids)).opened();
  t.after(() => socket.ws.terminate());
  await until(() => socket.messages.length > 0, 5000, 'the first message');
  return socket;
}

describe('/watch', () => {
  it('tells all numbers first, then only those that change', async (t) => {
    const [a, b] = makeIds(2);
    const viewer = await join(a, 'one');
    await viewer.untilValue(1);
    const socket = await watch(t, [a, b]);
    assert.deepEqual(objects(socket), [{ [a]: 1, [b]: 0 }]);
    const second = await join(b, 'two');
    await until(() => socket.messages.length === 2, 5000, 'a change');
    assert.deepEqual(objects(socket)[1], { [b]: 1 });
    await Promise.all([viewer.close(), second.close()]);
    await until(() => socket.messages.length >= 3, 5000, 'they leave');
    await sleep(1500);
    assert.deepEqual(Object.assign({}, ...objects(socket)), { [a]: 0, [b]: 0 });
  });

  it('does the same as an event stream, for EventSource too', async (t) => {
    const [a, b] = makeIds(2);
    const stream = await EventStream.open(base, watchPath([a, b]));
    t.after(() => stream.close());
    assert.equal(stream.status, 200);
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    await stream.untilEvents(1);
    assert.deepEqual(JSON.parse(stream.events[0].data), { [a]: 0, [b]: 0 });
    const source = new EventSource(`http://${base}${watchPath([a, b])}`);
    t.after(() => source.close());
    const told = await new Promise((resolve) => { source.onmessage = (event) => resolve(event.data); });
    assert.deepEqual(JSON.parse(told), { [a]: 0, [b]: 0 });
  });

  it('counts nowhere itself', async (t) => {
    const [a] = makeIds(1);
    const socket = await watch(t, [a]);
    await sleep(300);
    assert.deepEqual(objects(socket), [{ [a]: 0 }]);
  });

  it('adds and removes what a WebSocket client says', async (t) => {
    const [a, b, c] = makeIds(3);
    const socket = await watch(t, [a, b]);
    socket.ws.send(JSON.stringify({ add: [c], remove: [a] }));
    await until(() => socket.messages.length === 2, 5000, 'the added one');
    assert.deepEqual(objects(socket)[1], { [c]: 0 });
    const gone = await join(a, 'one');
    const there = await join(b, 'one');
    await until(() => socket.messages.length === 3, 5000, 'a change');
    await sleep(300);
    assert.deepEqual(objects(socket).slice(2), [{ [b]: 1 }]);
    await Promise.all([gone.close(), there.close()]);
  });

  it('holds 200 counters in one connection and shows each', async (t) => {
    const ids = makeIds(150);
    const socket = await watch(t, ids);
    assert.equal(Object.keys(objects(socket)[0]).length, 150);
    const more = makeIds(50).map((id) => `${id} more`);
    socket.ws.send(JSON.stringify({ add: more }));
    await until(() => Object.keys(Object.assign({}, ...objects(socket))).length === 200, 5000, 'all of them');
    socket.ws.send(JSON.stringify({ add: ['one too many'] }));
    const { code, reason } = await socket.closed;
    assert.equal(code, 1008);
    assert.match(reason, /200 counters/);
  });

  for (const [what, send] of [
    ['no JSON', (ws) => ws.send('hello')],
    ['the wrong shape', (ws) => ws.send('{"add":"a"}')],
    ['over 16 KiB', (ws) => ws.send(JSON.stringify({ add: [], padding: 'x'.repeat(16 * 1024) }))],
    ['more than 10 messages a second', (ws) => { for (let i = 0; i < 12; i += 1) ws.send('{}'); }],
  ]) {
    it(`closes with 1008 for ${what}`, async (t) => {
      const socket = await watch(t, makeIds(1));
      send(socket.ws);
      const { code, reason } = await socket.closed;
      assert.equal(code, 1008);
      assert.notEqual(reason, '');
    });
  }

  it('takes a message of 16 KiB', async (t) => {
    const socket = await watch(t, makeIds(1));
    const empty = JSON.stringify({ add: ['late'], padding: '' });
    socket.ws.send(JSON.stringify({ add: ['late'], padding: 'x'.repeat(16 * 1024 - empty.length) }));
    await until(() => socket.messages.length === 2, 5000, 'the added one');
    assert.deepEqual(objects(socket)[1], { late: 0 });
  });

  for (const [what, path, status] of [
    ['no urlId', '/watch?key=demo', 400],
    ['no key', '/watch?urlId=a', 400],
    ['an unknown key', '/watch?key=nobody&urlId=a', 401],
    ['over 200 ids', watchPath(makeIds(201).map((_, i) => `${i}`)), 400],
  ]) {
    it(`refuses ${what} with ${status}, both ways`, async () => {
      const socket = new Socket(base, path);
      await socket.refused();
      assert.equal(socket.refusal.status, status);
      assert.equal(socket.refusal.headers['content-type'], 'application/problem+json');
      const stream = await EventStream.open(base, path);
      stream.close();
      assert.equal(stream.status, status);
    });
  }
});
