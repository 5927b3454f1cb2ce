// When the client leaves the count, and when it comes back by itself.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

describe('leaving', () => {
  it('close() ends it for good, with code 1000', () => {
    const page = loadPage();
    const handle = page.connect();
    page.socket.accept();
    handle.close();
    assert.equal(page.socket.closedWith, 1000);
    page.fire('online');
    page.fire('pagehide');
    page.fire('pageshow');
    mock.timers.tick(3_600_000);
    assert.equal(page.tries.length, 1);
  });

  it('close() keeps the last number, and shows no other', () => {
    const page = loadPage();
    const handle = page.connect();
    page.socket.say('7');
    handle.close();
    page.socket.say('8');
    assert.equal(page.element.textContent, '7');
  });

  it('close() while waiting to reconnect ends that too', () => {
    const page = loadPage();
    const handle = page.connect();
    page.socket.end();
    handle.close();
    mock.timers.tick(3_600_000);
    assert.equal(page.tries.length, 1);
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
    page.setHidden(true);
    page.setHidden(false);
    mock.timers.tick(3_600_000);
    assert.equal(page.sockets.length, 1);
    page.fire('pageshow');
    assert.equal(page.sockets.length, 2);
  });
});

describe('a page that nobody sees', () => {
  it('is counted all the same', () => {
    const page = loadPage({ hidden: true });
    page.connect();
    page.socket.accept();
    page.setHidden(false);
    page.setHidden(true);
    assert.equal(page.tries.length, 1);
    assert.equal(page.socket.closedWith, undefined);
  });

  it('keeps no event stream of a hit counter, of which a browser has six for all its tabs', async () => {
    const page = loadPage({ hidden: true });
    page.connect({ counter: '1', hit: true });
    assert.equal(page.requests.length, 0);
    page.setHidden(false);
    assert.equal(page.requests.length, 1);
    await page.request.accept();
    page.setHidden(true);
    await settle();
    assert.equal(page.request.isAborted, true);
    mock.timers.tick(3_600_000);
    assert.equal(page.requests.length, 1);
    page.setHidden(false);
    assert.equal(page.requests.length, 2);
  });

  it('is not counted while it is only rendered in advance', () => {
    const page = loadPage({ hidden: true, prerendering: true });
    page.connect();
    assert.equal(page.sockets.length, 0);
    page.document.prerendering = false;
    page.setHidden(false);
    assert.equal(page.sockets.length, 1);
  });
});
