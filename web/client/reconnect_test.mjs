// How the client comes back after a connection ended.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

// How long it is until the next try.
function waitForTry(page) {
  const before = page.tries.length;
  for (let ms = 0; ; ms += 100) {
    if (page.tries.length > before) return ms;
    mock.timers.tick(100);
  }
}

// A page whose WebSockets are known to work, so that it tries nothing else at first.
function connected(options) {
  const page = loadPage(options);
  page.connect();
  page.socket.accept();
  return page;
}

// What each lost connection in a row waits before the next try, of clients that do not get through.
const waits = (page, count) => Array.from({ length: count }, () => {
  page.socket.end();
  return waitForTry(page);
});

describe('reconnecting', () => {
  it('waits a random time under a doubling bound, at most 60 s', () => {
    const unlucky = connected({ dice: () => 0.999 });
    assert.deepEqual(waits(unlucky, 4), [1000, 2000, 4000, 8000]);
    const lucky = connected({ dice: () => 0 });
    assert.deepEqual(waits(lucky, 4).filter((ms) => ms > 100), []);
    const halfway = connected({ dice: () => 0.5 });
    assert.deepEqual(waits(halfway, 4), [500, 1000, 2000, 4000]);
  });

  it('has a bound of 60 s in the long run, and stays at random below it', async () => {
    let chance = 0;
    const page = connected({ dice: () => chance });
    for (let i = 0; i < 20; i++) {
      await page.tries.at(-1).fail();
      waitForTry(page);
    }
    chance = 0.999;
    await page.tries.at(-1).fail();
    assert.equal(waitForTry(page), 60_000);
    chance = 0.25;
    await page.tries.at(-1).fail();
    assert.equal(waitForTry(page), 15_000);
  });

  it('begins anew after 30 s of stable connection, not before', () => {
    const page = connected({ dice: () => 0.999 });
    waits(page, 3);
    page.socket.accept();
    mock.timers.tick(29_999);
    assert.deepEqual(waits(page, 1), [8000]);
    page.socket.accept();
    mock.timers.tick(30_000);
    assert.deepEqual(waits(page, 1), [1000]);
  });

  it('goes to another host each time', () => {
    const hosts = ['a.example', 'b.example', 'c.example'];
    const seen = new Set();
    let seed = 1;
    const page = loadPage({ dice: () => (seed = (seed * 16807) % 2147483647) / 2147483647 });
    page.connect({ hosts });
    for (let i = 0; i < 50; i++) {
      const before = page.socket.url.host;
      seen.add(before);
      page.socket.accept();
      mock.timers.tick(30_000);
      waits(page, 1);
      assert.notEqual(page.socket.url.host, before);
    }
    assert.deepEqual([...seen].sort(), hosts);
  });

  it('keeps its pId', () => {
    const page = connected();
    waits(page, 1);
    assert.equal(page.sockets[0].query.pId, page.sockets[1].query.pId);
  });

  it('follows the hint of a draining server, up to 60 s', () => {
    const page = connected({ dice: () => 0 });
    page.socket.end(1001, 'retry=4200');
    mock.timers.tick(4199);
    assert.equal(page.sockets.length, 1);
    mock.timers.tick(1);
    assert.equal(page.sockets.length, 2);
    page.socket.accept();
    mock.timers.tick(30_000);
    page.socket.end(1001, 'retry=9999999');
    mock.timers.tick(60_000);
    assert.equal(page.sockets.length, 3);
  });

  it('follows hints that come again and again no sooner than its own back-off', () => {
    const page = connected({ dice: () => 0.999 });
    const waited = Array.from({ length: 4 }, () => {
      page.socket.end(1001, 'retry=1500');
      return waitForTry(page);
    });
    assert.deepEqual(waited, [1500, 2000, 4000, 8000]);
  });

  it('takes the word of a full gateway once, then waits as long as its own back-off says', () => {
    const page = connected({ dice: () => 0.999 });
    const waited = Array.from({ length: 5 }, () => {
      page.socket.end(1013, 'retry=3000');
      const ms = waitForTry(page);
      page.socket.accept(); // a gateway that is full finds out after it has accepted
      return ms;
    });
    assert.deepEqual(waited, [3000, 3000, 4000, 8000, 16_000]);
  });

  it('has its own back-off where a full gateway says nothing', () => {
    const page = connected({ dice: () => 0.5 });
    const waited = Array.from({ length: 4 }, () => {
      page.socket.end(1013);
      return waitForTry(page);
    });
    assert.deepEqual(waited, [500, 1000, 2000, 4000]);
  });

  it('takes what is no hint for none', () => {
    const page = connected({ dice: () => 0.999 });
    page.socket.end(1001, 'retry=soon');
    assert.equal(waitForTry(page), 1000);
  });

  it('happens at once when the browser is online again, in place of the socket of before', () => {
    const page = connected({ dice: () => 0.999 });
    waits(page, 4);
    page.socket.end();
    const before = page.sockets.length;
    page.fire('online');
    assert.equal(page.sockets.length, before + 1);
    mock.timers.tick(9_999);
    assert.equal(page.tries.length, before + 1, 'the try that was planned is off');
    const old = page.socket;
    page.fire('online');
    assert.equal(old.closedWith, 4000);
    const count = page.tries.length;
    old.say('5');
    old.end();
    assert.equal(page.element.textContent, '–', 'and is not listened to');
    assert.equal(page.tries.length, count);
  });

  it('happens after 60 s without a message, and messages push that out', () => {
    const page = connected({ dice: () => 0 });
    mock.timers.tick(59_999);
    page.socket.say('not a number, but a sign of life');
    mock.timers.tick(59_999);
    assert.equal(page.sockets.length, 1);
    mock.timers.tick(2);
    assert.equal(page.sockets.length, 2);
    assert.equal(page.sockets[0].closedWith, 4000);
  });

  it('gives up on a connection that does not open for 10 s', () => {
    const page = loadPage({ dice: () => 0 });
    page.connect();
    mock.timers.tick(9_999);
    assert.equal(page.tries.length, 1);
    mock.timers.tick(2);
    assert.equal(page.tries.length, 2);
    assert.equal(page.sockets[0].closedWith, 4000);
  });

  it('does not happen when the key was revoked', () => {
    const page = connected();
    page.socket.end(1008, 'key revoked');
    page.fire('online');
    mock.timers.tick(3_600_000);
    assert.equal(page.tries.length, 1);
  });
});

describe('where WebSockets are blocked', () => {
  it('an event stream takes their place', async () => {
    const page = loadPage({ dice: () => 0 });
    page.connect({ urlId: 'u', pId: 'p' });
    page.socket.end();
    mock.timers.tick(1);
    assert.equal(page.request.url.href, 'https://ws00.example/sub?urlId=u&key=k&pId=p&i=t');
    assert.equal(page.request.headers.accept, 'text/event-stream');
    await page.request.accept();
    await page.request.say('event: message\nid: 1-1\nda');
    await page.request.say('ta: 12\n\n');
    assert.equal(page.element.textContent, '12');
    await page.request.end();
    mock.timers.tick(1);
    assert.equal(page.sockets.length, 2, 'until it ends: the network may be another');
    page.socket.end();
    mock.timers.tick(1);
    assert.equal(page.requests.length, 2);
  });

  it('so it is where there are none', () => {
    const page = loadPage({ dice: () => 0, hasWebSocket: false });
    page.connect();
    mock.timers.tick(1);
    assert.equal(page.requests.length, 1);
  });

  it('an event stream that does not open either gives way again', async () => {
    const page = loadPage({ dice: () => 0 });
    page.connect();
    page.socket.end();
    mock.timers.tick(1);
    await page.request.fail();
    mock.timers.tick(1);
    assert.deepEqual([page.sockets.length, page.requests.length], [2, 1]);
    page.socket.end();
    mock.timers.tick(1);
    await page.request.accept(401);
    mock.timers.tick(1);
    assert.deepEqual([page.sockets.length, page.requests.length], [3, 2], 'nor does one that is refused');
  });

  it('is not thought of a page whose WebSockets worked, until they fail for long', () => {
    const page = connected({ dice: () => 0 });
    for (let i = 0; i < 6; i++) {
      assert.equal(page.requests.length, 0, `${i}`);
      page.socket.end();
      mock.timers.tick(1);
    }
    assert.equal(page.requests.length, 1);
  });
});

describe('an event stream', () => {
  const stream = async (options) => {
    const page = loadPage(options);
    page.connect({ counter: '1' });
    await page.request.accept();
    await page.request.say(`:${' '.repeat(2048)}\nretry: 3000\n\n`);
    return page;
  };

  it('is refused with a hint, which is followed', async () => {
    const page = await stream({ dice: () => 0 });
    await page.request.end();
    mock.timers.tick(2999);
    assert.equal(page.requests.length, 1);
    mock.timers.tick(1);
    assert.equal(page.requests.length, 2);
  });

  it('that had begun comes back as its own back-off says, unless the last word is a hint', async () => {
    const page = await stream({ dice: () => 0 });
    await page.request.say('event: message\ndata: 5\n\n');
    await page.request.end();
    mock.timers.tick(1);
    assert.equal(page.requests.length, 2);
    await page.request.accept();
    await page.request.say('data: 6\n\nretry: 2000\n\n');
    mock.timers.tick(30_000);
    await page.request.end();
    mock.timers.tick(1999);
    assert.equal(page.requests.length, 2);
    mock.timers.tick(1);
    assert.equal(page.requests.length, 3);
    assert.equal(page.element.textContent, '6');
  });

  it('is refused by full gateways again and again, and then comes no sooner than its own back-off', async () => {
    const page = await stream({ dice: () => 0.999 });
    const waited = [];
    for (let i = 0; i < 4; i++) {
      await page.request.end();
      waited.push(waitForTry(page));
      await page.request.accept();
      await page.request.say(':\nretry: 3000\n\n');
    }
    assert.deepEqual(waited, [3000, 3000, 4000, 8000]);
  });

  it('is held by comments, and given up after 60 s of silence', async () => {
    const page = await stream({ dice: () => 0 });
    mock.timers.tick(59_999);
    await page.request.say(':\n\n');
    mock.timers.tick(59_999);
    assert.equal(page.requests.length, 1);
    mock.timers.tick(2);
    assert.equal(page.requests.length, 2);
    assert.equal(page.requests[0].isAborted, true);
  });

  it('goes on when the page\'s own formatter fails', async (t) => {
    const errors = [];
    const collect = (error) => errors.push(error.message);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', collect);
    t.after(() => {
      process.removeAllListeners('uncaughtException');
      others.forEach((listener) => process.on('uncaughtException', listener));
    });
    const page = loadPage({ dice: () => 0 });
    page.connect({ counter: '1', formatNumber: (number) => { if (number === 1) throw new Error('one!'); return number; } });
    await page.request.accept();
    await page.request.say('data: 1\n\ndata: 2\n\n');
    await settle();
    assert.equal(page.element.textContent, '2');
    assert.equal(page.requests.length, 1);
    assert.deepEqual(errors, ['one!']);
  });
});
