// Windows with the demo page in a real browser: they count each other, whatever happens to them.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { hitsOf } from '../support/http.mjs';
import { Relay } from '../support/relay.mjs';
import { sleep, until } from '../support/wait.mjs';
import { connects, launch, openTab } from './browser.mjs';
import { Deployment } from './dashboard.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// A fresh profile for each test.
let context;
beforeEach(async () => { context = await browser.newContext(); });
afterEach(() => context.close());

const shows = (page, id, text, ms = 20_000) =>
  until(async () => (await page.textContent(`#${id}`)) === `${text}`, ms,
    () => `#${id} shows ${text}`);

describe('a window with the demo page', () => {
  let deployment;
  let base;
  let url;
  beforeEach(async () => {
    deployment = await Deployment.start();
    base = deployment.server.address.http;
    url = `http://${base}/demo`;
  });
  afterEach(() => deployment?.stop());

  it('counts windows of one browser, and browsers', async () => {
    const first = await openTab(context, url);
    await shows(first, 'here', 1);
    const second = await openTab(context, url);
    await shows(first, 'here', 2);
    await shows(second, 'here', 2);
    const other = await browser.newContext();
    const third = await openTab(other, url);
    await Promise.all([first, second, third].map((page) => shows(page, 'here', 3)));
    const troubles = [...third.troubles]; // before it is closed, maybe in the middle of a connect
    await other.close();
    await shows(first, 'here', 2, 12_000);
    await second.close();
    await shows(first, 'here', 1, 12_000);
    assert.deepEqual([first.troubles, troubles], [[], []]);
  });

  it('does not flicker for others on a reload', async () => {
    // Longer than a reload takes, also on a busy machine.
    const graceMs = 4000;
    await deployment.call('AdminService/UpdateProduct', {
      product: { name: 'accounts/demo/products/demo', cleanLeaveGrace: `${graceMs / 1000}s` }, updateMask: 'cleanLeaveGrace',
    });
    const watching = await openTab(context, url);
    const reloading = await openTab(context, url);
    await shows(watching, 'here', 2);
    for (let i = 0; i < 3; i++) {
      await reloading.reload();
      await shows(reloading, 'here', 2);
    }
    await sleep(graceMs + 500);
    assert.deepEqual(await watching.seen('here'), ['1', '2']);
  });

  it('leaves with navigation and comes back from the back-forward cache', async () => {
    const watching = await openTab(context, url);
    const going = await openTab(context, url);
    await shows(watching, 'here', 2);
    await going.evaluate(() => addEventListener('pageshow', ({ persisted }) => { window.wasCached = persisted; }));
    await going.goto(`http://${base}/client.js`);
    await shows(watching, 'here', 1, 8000);
    await going.goBack({ waitUntil: 'commit' });
    await shows(watching, 'here', 2);
    await shows(going, 'here', 2);
    assert.equal(await going.evaluate(() => window.wasCached), true, 'came from the cache');
    assert.equal(await hitsOf(base, 1), Number(await going.textContent('#views')), 'and is no new view');
  });

  it('keeps its numbers offline and connects at once when online', async (t) => {
    const relay = await Relay.start(base);
    t.after(() => relay.stop());
    const watching = await openTab(context, url);
    const other = await browser.newContext();
    t.after(() => other.close());
    const page = await openTab(other, `http://${relay.address}/demo`);
    await Promise.all([watching, page].map((each) => shows(each, 'here', 2)));
    await other.setOffline(true);
    relay.cut();
    relay.reset();
    await shows(watching, 'here', 1);
    assert.equal(await page.textContent('#here'), '2', 'the last number of before');
    await watching.close();
    const connected = connects(page, 3000);
    relay.heal();
    await other.setOffline(false);
    await connected;
    await shows(page, 'here', 1);
  });
});
