// The browser client against a browser of our own making: fake socket, fake clock, fixed dice.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { CLASSIC_SCRIPT, FakeStorage, loadPage } from './testing/fake_browser.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// What each lost connection in a row waits before the next try.
function waits(page, count) {
  return Array.from({ length: count }, () => {
    const before = page.sockets.length;
    page.socket.onclose({ code: 1006, reason: '' });
    for (let ms = 0; ; ms += 100) {
      if (page.sockets.length > before) return ms;
      mock.timers.tick(100);
    }
  });
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

describe('connect', () => {
  it('asks the script\'s own host for this page, contributing, with a UUID', () => {
    const page = loadPage();
    page.connect();
    assert.equal(page.socket.url.origin + page.socket.url.pathname, 'wss://ws00.example/sub');
    const { urlId, key, pId, i } = page.socket.query;
    assert.deepEqual({ urlId, key, i }, { urlId: 'https://shop.example/item?id=7#top', key: 'k', i: 't' });
    assert.match(pId, UUID);
  });

  it('is the same function under both names', () => {
    const { window } = loadPage();
    assert.equal(window.watchly.connect, window.livecounter.connect);
  });

  it('passes options on, percent-encoded', () => {
    const page = loadPage();
    page.connect({ key: 'a&b', urlId: 'ü +%', pId: 'me=1', impactsCount: false });
    assert.equal(page.socket.url.search, '?urlId=%C3%BC%20%2B%25&key=a%26b&pId=me%3D1&i=f');
  });

  it('makes a UUID without randomUUID(), which insecure contexts lack', () => {
    const page = loadPage({ href: 'http://shop.example/', randomUUID: false });
    page.connect();
    assert.match(page.socket.query.pId, UUID);
  });

  it('is as secure as the script, unless a host says otherwise', () => {
    const page = loadPage({ script: 'http://localhost:8080/client.js' });
    page.connect();
    assert.equal(page.socket.url.origin, 'ws://localhost:8080');
    page.connect({ hosts: ['wss://ws01.example'] });
    assert.equal(page.socket.url.origin, 'wss://ws01.example');
  });

  it('takes the page\'s host when the script stands in the page', () => {
    const page = loadPage({ script: '', href: 'https://shop.example/item' });
    page.connect();
    assert.equal(page.socket.url.host, 'shop.example');
  });

  it('says what is missing', () => {
    const { window, element } = loadPage();
    assert.throws(() => window.watchly.connect(null, { key: 'k' }), /no element/);
    assert.throws(() => window.watchly.connect(element), /API key/);
  });
});

describe('the number', () => {
  it('is shown formatted, and what is not a number is ignored', () => {
    const page = loadPage();
    page.connect();
    page.socket.onmessage({ data: '1234' });
    assert.equal(page.element.textContent, '1,234');
    for (const data of ['', ' ', 'NaN', '-1', '1e3', '{"a":1}', new Blob(['5'])]) {
      page.socket.onmessage({ data });
      assert.equal(page.element.textContent, '1,234');
    }
  });

  it('can be formatted by the page', () => {
    const page = loadPage();
    page.connect({ formatNumber: (number) => number + 1 });
    page.socket.onmessage({ data: '41' });
    assert.equal(page.element.textContent, '42');
  });

  it('is not written again when its text does not change', () => {
    const page = loadPage();
    let writes = 0;
    let text = '';
    page.element = {
      get textContent() {
        return text;
      },
      set textContent(value) {
        writes += 1;
        text = value;
      },
    };
    page.connect();
    for (const data of ['10210', '10220', '10220']) page.socket.onmessage({ data });
    assert.equal(text, '10.2k');
    assert.equal(writes, 1);
  });

  it('stays while the connection is away', () => {
    const page = loadPage();
    page.connect();
    page.socket.onmessage({ data: '7' });
    page.socket.onclose({ code: 1006, reason: '' });
    assert.equal(page.element.textContent, '7');
  });
});

describe('formatNumber', () => {
  const cases = [
    ['en-US', 0, '0'], ['en-US', 1234, '1,234'], ['en-US', 9999, '9,999'], ['en-US', 10000, '10k'],
    ['en-US', 10200, '10.2k'], ['en-US', 500000, '500k'], ['en-US', 999949, '999.9k'],
    ['en-US', 999950, '1M'], ['en-US', 5100000, '5.1M'], ['en-GB', 10249, '10.2k'],
    ['en-US', 3210000000, '3.2B'], ['de-DE', 9999, '9.999'], ['de-DE', 5100000, '5,1\u00a0Mio.'],
    ['fr-FR', 1234, '1\u202f234'], ['fr-FR', 10200, '10,2\u00a0k'], ['ja-JP', 12000, '1.2万'],
    ['sv-SE', 10200, '10,2\u00a0tn'],
  ];
  for (const [locale, number, text] of cases) {
    it(`${number} in ${locale} is ${text}`, () => {
      assert.equal(loadPage().window.livecounter.formatNumber(number, locale), text);
      assert.equal(loadPage({ languages: [locale] }).window.livecounter.formatNumber(number), text);
    });
  }
});

describe('reconnecting', () => {
  it('waits a random time under a doubling bound, at most 60 s', () => {
    const page = loadPage({ dice: () => 0.999 });
    page.connect();
    assert.deepEqual(waits(page, 8), [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
    const lucky = loadPage({ dice: () => 0 });
    lucky.connect();
    assert.deepEqual(waits(lucky, 8).filter((ms) => ms > 100), []);
  });

  it('begins anew after 30 s of stable connection, not before', () => {
    const page = loadPage({ dice: () => 0.999 });
    page.connect();
    waits(page, 3);
    page.socket.onopen();
    mock.timers.tick(29_999);
    assert.deepEqual(waits(page, 1), [8000]);
    page.socket.onopen();
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
      waits(page, 1);
      assert.notEqual(page.socket.url.host, before);
    }
    assert.deepEqual([...seen].sort(), hosts);
  });

  it('keeps its pId', () => {
    const page = loadPage();
    page.connect();
    waits(page, 1);
    assert.equal(page.sockets[0].query.pId, page.sockets[1].query.pId);
  });

  it('follows the hint of a draining server, up to 60 s', () => {
    const page = loadPage({ dice: () => 0 });
    page.connect();
    page.socket.onclose({ code: 1001, reason: 'retry=4200' });
    mock.timers.tick(4199);
    assert.equal(page.sockets.length, 1);
    mock.timers.tick(1);
    assert.equal(page.sockets.length, 2);
    page.socket.onclose({ code: 1001, reason: 'retry=9999999' });
    mock.timers.tick(60_000);
    assert.equal(page.sockets.length, 3);
  });

  it('happens at once when the browser is online again, in place of the socket of before', () => {
    const page = loadPage({ dice: () => 0.999 });
    page.connect();
    waits(page, 5);
    const before = page.sockets.length;
    page.socket.onclose({ code: 1006, reason: '' });
    page.fire('online');
    assert.equal(page.sockets.length, before + 1);
    mock.timers.tick(59_000);
    assert.equal(page.sockets.length, before + 1, 'the try that was planned is off');
    const old = page.socket;
    page.fire('online');
    assert.equal(old.closedWith, 4000);
    assert.equal(old.onmessage, null);
  });

  it('happens after 60 s without a message, and messages push that out', () => {
    const page = loadPage({ dice: () => 0 });
    page.connect();
    page.socket.onopen();
    mock.timers.tick(59_999);
    page.socket.onmessage({ data: 'not a number, but a sign of life' });
    mock.timers.tick(59_999);
    assert.equal(page.sockets.length, 1);
    mock.timers.tick(2);
    assert.equal(page.sockets.length, 2);
    assert.equal(page.sockets[0].closedWith, 4000);
  });

  it('gives up on a connection that does not open for 60 s', () => {
    const page = loadPage({ dice: () => 0 });
    page.connect();
    mock.timers.tick(60_001);
    assert.equal(page.sockets.length, 2);
  });

  it('does not happen when the key was revoked', () => {
    const page = loadPage();
    page.connect();
    page.socket.onclose({ code: 1008, reason: 'key revoked' });
    page.fire('online');
    mock.timers.tick(3_600_000);
    assert.equal(page.sockets.length, 1);
  });
});

describe('leaving', () => {
  it('close() ends it for good, with code 1000', () => {
    const page = loadPage();
    const handle = page.connect();
    handle.close();
    assert.equal(page.socket.closedWith, 1000);
    page.fire('online');
    page.fire('pageshow');
    mock.timers.tick(3_600_000);
    assert.equal(page.sockets.length, 1);
  });

  it('close() while waiting to reconnect ends that too', () => {
    const page = loadPage();
    const handle = page.connect();
    page.socket.onclose({ code: 1006, reason: '' });
    handle.close();
    mock.timers.tick(3_600_000);
    assert.equal(page.sockets.length, 1);
  });

  it('an AbortSignal does the same', () => {
    const page = loadPage();
    const controller = new AbortController();
    page.connect({ signal: controller.signal });
    controller.abort();
    assert.equal(page.socket.closedWith, 1000);
    page.connect({ signal: controller.signal }).close();
    assert.equal(page.sockets.length, 1, 'an aborted signal connects nothing');
  });

  it('pagehide leaves, pageshow comes back, and between them nothing connects', () => {
    const page = loadPage();
    page.connect();
    page.fire('pageshow');
    assert.equal(page.sockets.length, 1, 'the pageshow of the page load is not a return');
    page.fire('pagehide');
    assert.equal(page.socket.closedWith, 1000);
    page.fire('online');
    mock.timers.tick(3_600_000);
    assert.equal(page.sockets.length, 1);
    page.fire('pageshow');
    assert.equal(page.sockets.length, 2);
  });
});

describe('the default presence ID', () => {
  const pIdOf = (page) => {
    page.connect();
    return page.socket.query.pId;
  };

  it('is one for the whole page', () => {
    const page = loadPage();
    assert.equal(pIdOf(page), pIdOf(page));
  });

  it('outlives a reload', () => {
    const storage = new FakeStorage();
    const page = loadPage({ storage });
    const pId = pIdOf(page);
    page.fire('pagehide');
    assert.equal(pIdOf(loadPage({ storage })), pId);
  });

  it('is not shared with a duplicate of the tab, which copies its storage', () => {
    const storage = new FakeStorage();
    const page = loadPage({ storage });
    const pId = pIdOf(page);
    assert.notEqual(pIdOf(loadPage({ storage })), pId);
    page.fire('pagehide');
    page.fire('pageshow');
    assert.equal(storage.items.size, 0, 'back from the cache, the page holds it again');
  });

  it('needs no storage', () => {
    assert.match(pIdOf(loadPage({ storage: null })), UUID);
  });

  it('is neither made nor stored where the page passes its own', () => {
    const page = loadPage();
    page.connect({ pId: 'user-1' });
    page.fire('pagehide');
    assert.equal(page.storage.items.size, 0);
  });
});

describe('the built files', () => {
  it('are what build.mjs writes', () => {
    execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url)), '--check']);
  });

  it('are at most 3 KiB gzipped', () => {
    for (const name of ['client.js', 'client.mjs']) assert.ok(gzipSync(read(name)).length <= 3072, name);
  });

  it('need no eval, as a strict Content-Security-Policy demands', () => {
    assert.doesNotMatch(CLASSIC_SCRIPT, /\beval\b|new Function|\.innerHTML|setAttribute\('style/);
  });

  it('the module exports what the script sets', async () => {
    const module = await import('./client.mjs');
    assert.deepEqual(Object.keys(module).sort(), Object.keys(loadPage().window.livecounter).sort());
    assert.equal(module.formatNumber(10200, 'en'), '10.2k');
  });
});
