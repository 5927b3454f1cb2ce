// What connect() makes of its options.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStorage, loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

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

  it('is as secure as the script, unless a host says otherwise', () => {
    const page = loadPage({ script: 'http://localhost:8080/client.js' });
    page.connect();
    assert.equal(page.socket.url.origin, 'ws://localhost:8080');
    for (const [host, origin] of [
      ['ws01.example', 'ws://ws01.example'], ['ws01.example:444', 'ws://ws01.example:444'],
      ['wss://ws01.example', 'wss://ws01.example'], ['https://ws01.example/', 'wss://ws01.example'],
      ['http://ws01.example', 'ws://ws01.example'], ['ws://ws01.example', 'ws://ws01.example'],
    ]) {
      page.connect({ hosts: [host] });
      assert.equal(page.socket.url.origin, origin);
    }
  });

  it('takes the page\'s host when the script stands in the page', () => {
    const page = loadPage({ script: '', href: 'https://shop.example/item' });
    page.connect();
    assert.equal(page.socket.url.host, 'shop.example');
  });

  it('says what is missing', () => {
    const { window, element } = loadPage();
    assert.throws(() => window.watchly.connect(null, { key: 'k' }), /no element/);
    assert.throws(() => window.watchly.connect(element, {}), /no API key/);
  });

  it('shows a hit counter on an event stream of its own, without a key too', () => {
    const page = loadPage();
    page.window.livecounter.connect(page.element, { counter: 'a/b' });
    assert.equal(page.request.url.href, 'https://ws00.example/counters/a%2Fb/');
    assert.equal(page.request.headers.accept, 'text/event-stream');
    page.connect({ counter: '1' });
    assert.equal(page.request.url.href, 'https://ws00.example/counters/1/?key=k');
    assert.equal(page.sockets.length, 0);
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

describe('a hit', () => {
  const postsOf = (page) => page.requests.filter(({ method }) => method === 'POST').map(({ url }) => url.href);
  const load = async (page, options) => {
    page.connect({ counter: '1', ...options });
    const { request } = page;
    await request.accept();
    await request.say(':    \nretry: 1500\n\nevent: message\nid: 1-1\ndata: 26\n\n');
    return request;
  };

  it('is counted once, when the number as it was is there', async () => {
    const page = loadPage();
    const request = await load(page, { hit: true });
    assert.equal(page.element.textContent, '26');
    assert.deepEqual(postsOf(page), ['https://ws00.example/counters/1/?key=k']);
    assert.equal(page.request.others.keepalive, true, 'also when the page is left at once');
    await request.say('event: message\nid: 1-2\ndata: 27\n\n');
    assert.equal(page.element.textContent, '27');
    assert.equal(postsOf(page).length, 1);
  });

  it('is counted once for a page load, however often the counter is shown', async () => {
    const page = loadPage();
    await load(page, { hit: true });
    await load(page, { hit: true });
    page.fire('pagehide');
    page.fire('pageshow');
    await settle();
    assert.equal(postsOf(page).length, 1);
  });

  it('that fails troubles nobody', async () => {
    const page = loadPage();
    await load(page, { hit: true });
    await page.request.fail();
    assert.equal(page.element.textContent, '26');
  });

  it('is not counted unless asked for', async () => {
    const page = loadPage();
    await load(page, {});
    assert.deepEqual(postsOf(page), []);
  });
});
