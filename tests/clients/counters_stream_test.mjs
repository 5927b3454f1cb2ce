// Hit counters as event streams (contract §2), against the all-in-one program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { compareIds, EventStream } from '../support/event_stream.mjs';
import { hitsOf, post, request } from '../support/http.mjs';
import { EventSource } from '../support/packages.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';

let server;
let base;
before(async () => {
  server = await startAllInOne();
  base = server.address.http;
});
after(() => server.kill());

describe('an event stream', () => {
  it('opens with padding, a retry hint and at once the current value', async (t) => {
    await post(base, '/counters/2/');
    const stream = await EventStream.open(base, '/counters/2/');
    t.after(() => stream.close());
    assert.equal(stream.status, 200);
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    assert.equal(stream.headers['cache-control'], 'no-store');
    assert.equal(stream.headers['x-accel-buffering'], 'no');
    await stream.untilEvents(1, 1000);
    assert.equal(stream.comments[0].trim(), '');
    assert.ok(stream.comments[0].length >= 2047, `padding of ${stream.comments[0].length}`);
    assert.ok(stream.retry >= 1000 && stream.retry <= 5000, `retry: ${stream.retry}`);
    const [event] = stream.events;
    assert.equal(event.event, 'message');
    assert.match(event.id, /^\d+-\d+$/);
    assert.equal(event.data, '1');
  });

  it('begins with these very bytes', async (t) => {
    const curl = spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', `http://${base}/counters/9/`]);
    t.after(() => curl.kill());
    let printed = '';
    curl.stdout.on('data', (chunk) => { printed += chunk; });
    await until(() => printed.endsWith('data: 0\n\n'), 3000);
    assert.match(printed, /^: {2048}\nretry: \d{4}\n\nevent: message\nid: \d+-\d+\ndata: 0\n\n$/);
  });

  it('may be read by pages of other origins', async (t) => {
    const stream = await EventStream.open(base, '/counters/9/', { origin: 'https://shop.example' });
    t.after(() => stream.close());
    assert.equal(stream.headers['access-control-allow-origin'], '*');
  });

  it('is asked for by an Accept that holds its type among others', async (t) => {
    const stream = await EventStream.open(base, '/counters/9', { accept: 'application/json, Text/Event-Stream;q=0.5' });
    t.after(() => stream.close());
    await stream.untilValue(0);
  });

  it('with HEAD is its head alone', async () => {
    const { status, headers, text } = await request(base, '/counters/9/',
      { method: 'HEAD', headers: { accept: 'text/event-stream' } });
    assert.deepEqual([status, text], [200, '']);
    assert.match(headers['content-type'], /^text\/event-stream/);
  });

  it('has a retry hint of its own each time', async () => {
    const hints = await Promise.all(Array.from({ length: 10 }, async () => {
      const stream = await EventStream.open(base, '/counters/2/');
      await stream.untilEvents(1);
      stream.close();
      return stream.retry;
    }));
    assert.ok(new Set(hints).size > 5, `${hints}`);
  });

  it('tells every change to everybody', async (t) => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => EventStream.open(base, '/counters/3/')));
    t.after(() => streams.forEach((stream) => stream.close()));
    await Promise.all(streams.map((stream) => stream.untilValue(0)));
    for (const value of [1, 2, 3]) {
      await post(base, '/counters/3/');
      await Promise.all(streams.map((stream) => stream.untilValue(value)));
    }
  });

  it('has rising ids', async (t) => {
    const stream = await EventStream.open(base, '/counters/4/');
    t.after(() => stream.close());
    for (let value = 1; value <= 3; value++) {
      await post(base, '/counters/4/');
      await stream.untilValue(value);
    }
    const ids = stream.events.map(({ id }) => id);
    for (let i = 1; i < ids.length; i++) assert.ok(compareIds(ids[i - 1], ids[i]) < 0, `${ids}`);
  });

  it('is what an EventSource understands', async (t) => {
    const source = new EventSource(`http://${base}/counters/5/`);
    t.after(() => source.close());
    const seen = [];
    source.addEventListener('message', ({ data }) => seen.push(data));
    await until(() => seen.length === 1, 2000);
    await post(base, '/counters/5/');
    await until(() => seen.length === 2, 2000);
    assert.deepEqual(seen, ['0', '1']);
  });

  it('is what curl prints as it comes', async (t) => {
    const curl = spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', `http://${base}/counters/6/`]);
    t.after(() => curl.kill());
    let printed = '';
    curl.stdout.on('data', (chunk) => { printed += chunk; });
    await until(() => /^data: 0$/m.test(printed), 3000);
    await post(base, '/counters/6/');
    await until(() => /^data: 1$/m.test(printed), 3000);
  });
});

describe('conflation', () => {
  it('tells the first change at once, then at most one in 100 ms, and the newest at the end', async (t) => {
    const stream = await EventStream.open(base, '/counters/7/');
    t.after(() => stream.close());
    await stream.untilValue(0);
    await sleep(200);
    const start = performance.now();
    let total = 0;
    while (performance.now() - start < 1000) {
      await Promise.all(Array.from({ length: 10 }, () => post(base, '/counters/7/')));
      total += 10;
    }
    await stream.untilValue(await hitsOf(base, 7));
    assert.equal(stream.value, total);
    const changes = stream.events.slice(1);
    assert.ok(changes[0].at - start < 80, `the first came after ${changes[0].at - start} ms`);
    const took = changes.at(-1).at - changes[0].at;
    assert.ok(changes.length <= took / 100 + 2, `${changes.length} updates in ${took} ms`);
    assert.ok(changes.length >= 5, `only ${changes.length} updates`);
  });

  it('holds back as long as --min_update_interval says', async (t) => {
    const slow = await startAllInOne({ flags: ['--min_update_interval=2s'] });
    t.after(() => slow.kill());
    const stream = await EventStream.open(slow.address.http, '/counters/7/');
    t.after(() => stream.close());
    await stream.untilValue(0);
    for (let i = 0; i < 5; i++) {
      await post(slow.address.http, '/counters/7/');
      if (i === 0) await stream.untilValue(1, 500);
    }
    await stream.untilValue(5);
    assert.deepEqual(stream.events.map(({ data }) => data), ['0', '1', '5']);
    const apart = stream.events[2].at - stream.events[1].at;
    assert.ok(apart > 1900, `${apart} ms`);
  });
});

describe('Last-Event-ID', () => {
  const openAfter = async (t, id) => {
    const start = performance.now();
    const stream = await EventStream.open(base, '/counters/8/', { 'last-event-id': id });
    t.after(() => stream.close());
    await stream.untilEvents(1, 4000);
    return { event: stream.events[0], waited: performance.now() - start };
  };

  it('of the newest value or an older one gives the newest at once', async (t) => {
    const first = (await openAfter(t, '')).event;
    await post(base, '/counters/8/');
    const { event, waited } = await openAfter(t, first.id);
    assert.equal(event.data, '1');
    assert.ok(waited < 500, `${waited} ms`);
    assert.equal((await openAfter(t, event.id)).event.data, '1');
  });

  it('of another epoch, or malformed, gives the newest at once', async (t) => {
    for (const id of ['1-99999', '9999999999999-1', 'abc', '-', '1-', '99999999999999999999999-1', '1-2-3', ' 1-2']) {
      const { event, waited } = await openAfter(t, id);
      assert.equal(event.data, '1', id);
      assert.ok(waited < 500, `${id}: ${waited} ms`);
    }
  });

  it('ahead of the gateway makes it wait for that revision', async (t) => {
    const { event } = await openAfter(t, '');
    const [epoch, revision] = event.id.split('-');
    const late = openAfter(t, `${epoch}-${Number(revision) + 1}`);
    await sleep(500);
    await post(base, '/counters/8/');
    const { event: next, waited } = await late;
    assert.equal(next.data, '2');
    assert.ok(waited >= 450 && waited < 1500, `${waited} ms`);
  });

  it('ahead for good waits two seconds, not more', async (t) => {
    const { event } = await openAfter(t, '');
    const [epoch, revision] = event.id.split('-');
    const { event: next, waited } = await openAfter(t, `${epoch}-${Number(revision) + 5}`);
    assert.equal(next.data, event.data);
    assert.ok(waited > 1500 && waited < 2700, `${waited} ms`);
  });
});
