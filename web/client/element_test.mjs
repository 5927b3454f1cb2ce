// <live-counter>, and the connection that view-only ones share.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

const tick = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

describe('<live-counter>', () => {
  it('shows and counts who is here', async () => {
    const page = loadPage();
    const element = await page.addElement({ key: 'k', 'url-id': 'u', 'p-id': 'p' });
    assert.deepEqual(page.socket.query, { urlId: 'u', key: 'k', pId: 'p', i: 't' });
    page.socket.say('1234');
    assert.equal(element.textContent, '1,234');
  });

  it('takes the key as api-key too, since frameworks keep `key` to themselves', async () => {
    const page = loadPage();
    await page.addElement({ 'api-key': 'k' });
    assert.equal(page.socket.query.key, 'k');
    assert.equal(page.socket.query.urlId, 'https://shop.example/item?id=7#top');
  });

  it('shows a hit counter, and hits it', async () => {
    const page = loadPage();
    const element = await page.addElement({ counter: '1', hit: '' });
    assert.equal(page.request.url.href, 'https://ws00.example/counters/1/');
    await page.request.accept();
    await page.request.say('data: 26\n\n');
    assert.equal(element.textContent, '26');
    assert.equal(page.request.method, 'POST');
  });

  it('takes hosts, apart by spaces or commas, and a locale', async () => {
    const page = loadPage({ dice: () => 0.999 });
    const element = await page.addElement({ key: 'k', hosts: ' a.example, b.example ', locale: 'de' });
    assert.equal(page.socket.url.host, 'b.example');
    page.socket.say('1234');
    assert.equal(element.textContent, '1.234');
    await page.addElement({ key: 'k', hosts: ' ' });
    assert.equal(page.socket.url.host, 'ws00.example', 'the script\'s own where there are none');
  });

  it('leaves when it is taken out, and is made anew when an attribute changes, once for several', async () => {
    const page = loadPage();
    const element = await page.addElement({ key: 'k', 'url-id': 'a' });
    element.setAttribute('url-id', 'b');
    element.setAttribute('p-id', 'p');
    await settle();
    assert.equal(page.sockets.length, 2);
    assert.equal(page.sockets[0].closedWith, 1000);
    assert.equal(page.socket.query.urlId, 'b');
    element.remove();
    await settle();
    assert.equal(page.socket.closedWith, 1000);
    assert.equal(page.sockets.length, 2);
  });

  it('stays connected while it is moved', async () => {
    const page = loadPage();
    const element = await page.addElement({ key: 'k' });
    element.remove();
    element.attach();
    await settle();
    assert.equal(page.sockets.length, 1);
    assert.equal(page.socket.closedWith, undefined);
  });
});

describe('what screen readers are told', () => {
  const spokenOf = (element) => element.shadow.nodes.at(-1);

  it('is there from the first number, and then the newest every ten seconds', async () => {
    const page = loadPage();
    const element = await page.addElement({ key: 'k' });
    const [, seen, spoken] = element.shadow.nodes;
    assert.equal(seen.getAttribute('aria-hidden'), 'true', 'the number that moves is for the eyes');
    page.socket.say('1');
    assert.equal(spoken.textContent, '1');
    assert.equal(spoken.getAttribute('aria-live'), null, 'the first is not spoken');
    await tick(10_000);
    const told = [];
    for (let number = 2; number < 32; number++) {
      page.socket.say(`${number}`);
      await tick(1000);
      if (told.at(-1) !== spoken.textContent) told.push(spoken.textContent);
    }
    assert.deepEqual(told, ['1', '11', '21', '31'], 'and what has come of it in the end');
  });

  it('is live before its text changes', async () => {
    const page = loadPage();
    const spoken = spokenOf(await page.addElement({ key: 'k' }));
    page.socket.say('1');
    await tick(1000);
    page.socket.say('2');
    assert.deepEqual([spoken.getAttribute('aria-live'), spoken.textContent], ['polite', '1']);
    await tick(9000);
    assert.equal(spoken.textContent, '2');
  });

  it('is not written again when the number is repeated', async () => {
    const page = loadPage();
    const spoken = spokenOf(await page.addElement({ key: 'k' }));
    page.socket.say('1');
    const written = [];
    Object.defineProperty(spoken, 'textContent', { get: () => written.at(-1) ?? '1', set: (text) => written.push(text) });
    page.socket.say('1');
    await tick(25_000);
    page.socket.say('1');
    await tick(10_000);
    assert.deepEqual(written, []);
    page.socket.say('2');
    await tick(10_000);
    assert.deepEqual(written, ['2']);
  });

  it('is nothing of the numbers of a list', async () => {
    const page = loadPage();
    const element = await page.addElement({ key: 'k', 'view-only': '' });
    await tick(0);
    page.socket.say('{"https://shop.example/item?id=7#top":3}');
    page.socket.say('{"https://shop.example/item?id=7#top":4}');
    await tick(10_000);
    assert.equal(spokenOf(element).textContent, '4');
    assert.equal(spokenOf(element).getAttribute('aria-live'), 'off');
  });
});

describe('view-only elements', () => {
  const list = async (page, ids, attributes = {}) => {
    const elements = [];
    for (const id of ids) elements.push(await page.addElement({ key: 'k', 'view-only': '', 'url-id': id, ...attributes }));
    return elements;
  };
  const watchedBy = ({ url }) => url.searchParams.getAll('urlId');

  it('share one connection, which tells all their numbers', async () => {
    const page = loadPage();
    const elements = await list(page, ['a', 'b', 'a', 'ü&']);
    assert.equal(page.sockets.length, 0, 'until all of them are there');
    await tick(0);
    assert.equal(page.sockets.length, 1);
    assert.equal(page.socket.url.pathname, '/watch');
    assert.deepEqual(watchedBy(page.socket), ['a', 'b', 'ü&']);
    page.socket.accept();
    page.socket.say('{"a":12,"b":3,"ü&":1}');
    assert.deepEqual(elements.map(({ textContent }) => textContent), ['12', '3', '12', '1']);
    page.socket.say('{"b":4}');
    page.socket.say('{}');
    page.socket.say('{"other":1,"a":"x","b":-1}');
    page.socket.say('nonsense');
    assert.deepEqual(elements.map(({ textContent }) => textContent), ['12', '4', '12', '1']);
  });

  it('that come or go later are told to the server, those of a moment together', async () => {
    const page = loadPage();
    const [first] = await list(page, ['a', 'b']);
    await tick(0);
    page.socket.accept();
    await tick(150);
    const [, again] = await list(page, ['c', 'b']);
    page.socket.say('{"b":3}');
    first.remove();
    await tick(149);
    assert.deepEqual(page.socket.sent, []);
    await tick(1);
    assert.deepEqual(page.socket.sent, [{ add: ['c'], remove: ['a'] }]);
    assert.equal(again.textContent, '3');
    const [late] = await list(page, ['b']);
    assert.equal(late.textContent, '3', 'what is known is shown at once');
    await tick(1000);
    assert.equal(page.socket.sent.length, 1);
    assert.equal(page.sockets.length, 1);
  });

  it('that come while it opens are told when it has', async () => {
    const page = loadPage();
    await list(page, ['a']);
    await tick(0);
    await list(page, ['b']);
    await tick(1000);
    assert.deepEqual(page.socket.sent, []);
    page.socket.accept();
    await tick(150);
    assert.deepEqual(page.socket.sent, [{ add: ['b'], remove: [] }]);
  });

  it('are all asked for again after a reconnect', async () => {
    const page = loadPage({ dice: () => 0 });
    await list(page, ['a']);
    await tick(0);
    page.socket.accept();
    await list(page, ['b']);
    await tick(150);
    page.socket.end();
    await tick(1);
    assert.deepEqual(watchedBy(page.socket), ['a', 'b']);
    page.socket.accept();
    await tick(150);
    assert.deepEqual(page.socket.sent, []);
  });

  it('that come on an event stream open it anew', async () => {
    const page = loadPage({ dice: () => 0, hasWebSocket: false });
    await list(page, ['a']);
    await tick(0);
    await tick(1);
    await page.request.accept();
    await tick(150);
    assert.equal(page.requests.length, 1);
    await list(page, ['b']);
    await tick(150);
    assert.equal(page.requests.length, 2);
    assert.deepEqual(watchedBy(page.request), ['a', 'b']);
    assert.equal(page.requests[0].isAborted, true);
  });

  it('close it with the last of them, and open it with the next', async () => {
    const page = loadPage();
    const elements = await list(page, ['a', 'b']);
    await tick(0);
    page.socket.accept();
    elements.forEach((element) => element.remove());
    await settle();
    await tick(150);
    assert.equal(page.socket.closedWith, 1000);
    await list(page, ['a']);
    await tick(150);
    assert.equal(page.sockets.length, 2);
  });

  it('of another key or other hosts have another', async () => {
    const page = loadPage();
    await list(page, ['a']);
    await list(page, ['a'], { key: 'other' });
    await list(page, ['a'], { hosts: 'b.example' });
    await tick(0);
    assert.equal(page.sockets.length, 3);
  });

  it('beyond 200, or beyond the length of a request line, have another', async () => {
    const page = loadPage();
    await list(page, Array.from({ length: 450 }, (_, i) => `${i}`));
    await tick(0);
    assert.deepEqual(page.sockets.map((socket) => watchedBy(socket).length), [200, 200, 50]);
    const other = loadPage();
    await list(other, Array.from({ length: 10 }, (_, i) => `${i}/${'ü'.repeat(300)}`));
    await tick(0);
    for (const { url } of other.sockets) assert.ok(url.href.length < 8000, `${url.href.length}`);
    assert.equal(other.sockets.flatMap(watchedBy).length, 10);
  });

  it('that come and go for hours stay on one connection', async () => {
    const page = loadPage();
    await list(page, ['stays']);
    await tick(0);
    page.socket.accept();
    for (let view = 0; view < 40; view++) {
      const elements = await list(page, Array.from({ length: 20 }, (_, i) => `https://shop.example/item/${view}/${i}`));
      await tick(150);
      elements.forEach((element) => element.remove());
      await settle();
      await tick(150);
    }
    assert.equal(page.sockets.length, 1);
  });

  it('show their numbers though one has a locale that is none', async () => {
    const page = loadPage();
    const [odd] = await list(page, ['a'], { locale: 'en_US' });
    const [other] = await list(page, ['b']);
    await tick(0);
    page.socket.say('{"a":1,"b":2}');
    assert.deepEqual([odd.textContent, other.textContent], ['1', '2']);
  });

  it('a single id may be as long as the server takes', async () => {
    const page = loadPage();
    await list(page, ['a'.repeat(2048), 'ü'.repeat(1024)]);
    await tick(0);
    assert.equal(page.sockets.flatMap(watchedBy).length, 2);
  });
});
