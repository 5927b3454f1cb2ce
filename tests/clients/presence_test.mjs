// Who is here (contract §3), against the all-in-one program.
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

// A page of its own for each test, with an observer who is not counted.
let pages = 0;
async function openPage(t) {
  const urlId = `https://shop.example/page-${pages++}`;
  const clients = [];
  const page = {
    urlId,
    join: (options) => {
      const socket = new Socket(base, subPath({ urlId, ...options }));
      clients.push(() => socket.ws.terminate());
      return socket;
    },
    joinStream: async (options) => {
      const stream = await EventStream.open(base, subPath({ urlId, ...options }));
      clients.push(() => stream.close());
      return stream;
    },
  };
  page.observer = page.join({ pId: 'observer', i: 'f' });
  await page.observer.untilValue(0);
  t.after(() => clients.forEach((end) => end()));
  return page;
}

// When the observer first saw `value` after `start`, in milliseconds.
async function whenSeen(observer, value, start, ms) {
  const seen = () => observer.messages.find(({ text, at }) => at >= start && text === `${value}`);
  await until(seen, ms, () => `seen ${value}, but ${observer.values}`);
  return seen().at - start;
}

describe('a number', () => {
  it('comes at once as one text frame with nothing but digits', async (t) => {
    const page = await openPage(t);
    await page.observer.untilValue(0, 1000);
    assert.deepEqual(page.observer.messages.map(({ text, isBinary }) => [text, isBinary]), [['0', false]]);
  });

  it('counts those who contribute and not those who only watch', async (t) => {
    const page = await openPage(t);
    const [one] = [page.join({ pId: 'one' }), page.join({ pId: 'two', i: 't' }), page.join({ pId: 'three', i: 'f' })];
    await page.observer.untilValue(2);
    await one.untilValue(2);
  });

  it('counts ten tabs with one presence ID once, until the last is gone', async (t) => {
    const page = await openPage(t);
    const tabs = Array.from({ length: 10 }, () => page.join({ pId: 'one' }));
    await Promise.all(tabs.map((tab) => tab.untilValue(1)));
    const last = tabs.pop();
    await Promise.all(tabs.map((tab) => tab.close()));
    await sleep(1500);
    assert.deepEqual(new Set(page.observer.values), new Set([0, 1]));
    assert.equal(page.observer.value, 1);
    await last.close();
    await page.observer.untilValue(0, 3000);
  });

  it('counts hundreds', async (t) => {
    const page = await openPage(t);
    const viewers = Array.from({ length: 300 }, (_, i) => page.join({ pId: `viewer ${i}` }));
    await page.observer.untilValue(300, 10_000);
    await Promise.all(viewers.map((viewer) => viewer.untilValue(300)));
  });

  it('belongs to one urlId', async (t) => {
    const [page, other] = [await openPage(t), await openPage(t)];
    page.join({ pId: 'one' });
    await page.observer.untilValue(1);
    assert.equal(other.observer.value, 0);
  });

  it('takes any UTF-8 as urlId and presence ID', async (t) => {
    const page = await openPage(t);
    const path = subPath({ urlId: 'Grüße, 世界 & +#?', pId: 'ми́р' });
    const [one, two] = [new Socket(base, path), new Socket(base, path.replace('pId=', 'pId=x'))];
    t.after(() => [one, two].forEach((socket) => socket.ws.terminate()));
    await one.untilValue(2);
    assert.equal(page.observer.value, 0);
  });

  it('is the same on event streams', async (t) => {
    const page = await openPage(t);
    const stream = await page.joinStream({ pId: 'streaming' });
    page.join({ pId: 'one' });
    await stream.untilValue(2);
    await page.observer.untilValue(2);
    assert.equal(stream.events[0].event, 'message');
    assert.match(stream.events[0].id, /^\d+-\d+$/);
    assert.ok(stream.retry >= 1000 && stream.retry <= 5000);
    assert.equal(stream.headers['cache-control'], 'no-store');
  });

  it('reaches an EventSource', async (t) => {
    const page = await openPage(t);
    const source = new EventSource(`http://${base}${subPath({ urlId: page.urlId, pId: 'source' })}`);
    t.after(() => source.close());
    let value;
    source.onmessage = ({ data }) => { value = data; };
    await until(() => value === '1', 2000);
  });

  it('is conflated under churn, and ends in the newest', async (t) => {
    const page = await openPage(t);
    const start = performance.now();
    const viewers = [];
    for (let i = 0; i < 100; i++) {
      viewers.push(page.join({ pId: `viewer ${i}` }));
      await sleep(10);
    }
    await page.observer.untilValue(100);
    const took = performance.now() - start;
    const updates = page.observer.messages.length - 1;
    assert.ok(updates <= took / 100 + 2, `${updates} updates in ${took} ms`);
    assert.ok(updates >= 5, `only ${updates} updates`);
  });
});

describe('leaving', () => {
  for (const code of [1000, 1001]) {
    it(`with close ${code} counts after a second`, async (t) => {
      const page = await openPage(t);
      const viewer = page.join({ pId: 'one' });
      await page.observer.untilValue(1);
      const start = performance.now();
      await viewer.close(code);
      const after = await whenSeen(page.observer, 0, start, 3000);
      assert.ok(after >= 900 && after < 1600, `after ${after} ms`);
    });
  }

  it('with a reload is not seen at all', async (t) => {
    const page = await openPage(t);
    let tab = page.join({ pId: 'one' });
    await page.observer.untilValue(1);
    for (let i = 0; i < 3; i++) {
      await tab.close(1001);
      await sleep(500);
      tab = page.join({ pId: 'one' });
      await tab.untilValue(1);
    }
    await sleep(1500);
    assert.deepEqual(page.observer.values, [0, 1]);
  });

  const losses = {
    'a lost connection': async (page) => {
      const viewer = page.join({ pId: 'one' });
      await page.observer.untilValue(1);
      return () => viewer.lose();
    },
    'another close code': async (page) => {
      const viewer = page.join({ pId: 'one' });
      await page.observer.untilValue(1);
      return () => viewer.close(4000);
    },
    'the end of an event stream': async (page) => {
      const stream = await page.joinStream({ pId: 'one' });
      await page.observer.untilValue(1);
      return () => stream.close();
    },
  };
  async function assertLeavesAfterTenSeconds(t, [name, prepare]) {
    const page = await openPage(t);
    const lose = await prepare(page);
    const start = performance.now();
    await lose();
    const after = await whenSeen(page.observer, 0, start, 13_000);
    assert.ok(after >= 9500 && after < 11_500, `${name}: after ${after} ms`);
  }

  async function assertStaysWhenBack(t) {
    const page = await openPage(t);
    await (await losses['a lost connection'](page))();
    await sleep(8000);
    page.join({ pId: 'one' });
    await sleep(4000);
    assert.deepEqual(page.observer.values, [0, 1]);
  }

  it('in any other way counts after ten seconds, unless the viewer is back by then', async (t) => {
    await Promise.all([
      ...Object.entries(losses).map((loss) => assertLeavesAfterTenSeconds(t, loss)), assertStaysWhenBack(t)]);
  });
});
