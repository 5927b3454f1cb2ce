// The demo page in a real browser: windows count each other, whatever happens to them or the server.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { hitsOf, post } from '../support/http.mjs';
import { Cluster, startAllInOne } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab, screenshotPath } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// A fresh profile for each test.
let context;
beforeEach(async () => { context = await browser.newContext(); });
afterEach(() => context.close());

const shows = (page, id, text, ms = 5000) =>
  until(async () => (await page.textContent(`#${id}`)) === `${text}`, ms,
    () => `#${id} shows ${text}`);

describe('the demo page', () => {
  let server;
  let base;
  let url;
  beforeEach(async () => {
    server = await startAllInOne();
    base = server.address.http;
    url = `http://${base}/demo`;
  });
  afterEach(() => server?.kill());

  it('counts windows of one browser, and browsers', async () => {
    const first = await openTab(context, url);
    await shows(first, 'here', 1);
    const second = await openTab(context, url);
    await shows(first, 'here', 2);
    await shows(second, 'here', 2);
    const other = await browser.newContext();
    const third = await openTab(other, url);
    await Promise.all([first, second, third].map((page) => shows(page, 'here', 3)));
    await other.close();
    await shows(first, 'here', 2, 12_000);
    await second.close();
    await shows(first, 'here', 1, 12_000);
    assert.deepEqual([first.troubles, third.troubles], [[], []]);
  });

  it('counts each view once and shows it everywhere, with a highlight', async () => {
    const before = await hitsOf(base, 1);
    const first = await openTab(context, url);
    await shows(first, 'views', before + 1);
    const second = await openTab(context, url);
    await shows(first, 'views', before + 2);
    await shows(second, 'views', before + 2);
    assert.match(await first.getAttribute('#views', 'class'), /changed/);
    assert.equal(await hitsOf(base, 1), before + 2);
  });

  it('hits counters 2 to 9, and shows what others add to the one that was pressed', async () => {
    const before = await hitsOf(base, 4);
    const first = await openTab(context, url);
    const tile = first.getByRole('button', { name: /Counter 4/ });
    assert.equal(await first.locator('#tiles .tile').count(), 8);
    await tile.click();
    await until(async () => (await tile.locator('.number').textContent()) === `${before + 1}`, 3000, 'own hit');
    assert.equal(await hitsOf(base, 4), before + 1);
    await post(base, '/counters/4/');
    await until(async () => (await tile.locator('.number').textContent()) === `${before + 2}`, 3000, 'hit of another');
  });

  it('shows a list of products over one connection, and who looks at them', async () => {
    const first = await openTab(context, url);
    const second = await openTab(context, url);
    const number = (page) => page.getByRole('button', { name: /Camp stove/ }).locator('.number');
    const told = (page, text, ms = 3000) =>
      until(async () => (await number(page).textContent()) === text, ms, () => `Camp stove has ${text}`);
    await Promise.all([told(first, '0'), told(second, '0')]);
    await first.getByRole('button', { name: /Camp stove/ }).click();
    await Promise.all([told(first, '1'), told(second, '1')]);
    await second.getByRole('button', { name: /Camp stove/ }).click();
    await Promise.all([told(first, '2'), told(second, '2')]);
    await first.getByRole('button', { name: /Camp stove/, pressed: true }).click();
    await Promise.all([told(first, '1'), told(second, '1')]);
    assert.deepEqual([first.troubles, second.troubles], [[], []]);
  });

  it('does not flicker for others on a reload', async () => {
    const watching = await openTab(context, url);
    const reloading = await openTab(context, url);
    await shows(watching, 'here', 2);
    for (let i = 0; i < 3; i++) {
      await reloading.reload();
      await shows(reloading, 'here', 2);
    }
    await sleep(1500);
    assert.deepEqual(await watching.seen('here'), ['1', '2']);
  });

  it('leaves with navigation and comes back from the back-forward cache', async () => {
    const watching = await openTab(context, url);
    const going = await openTab(context, url);
    await shows(watching, 'here', 2);
    await going.evaluate(() => addEventListener('pageshow', ({ persisted }) => { window.wasCached = persisted; }));
    await going.goto(`http://${base}/client.js`);
    await shows(watching, 'here', 1, 4000);
    await going.goBack({ waitUntil: 'commit' });
    await shows(watching, 'here', 2);
    await shows(going, 'here', 2);
    assert.equal(await going.evaluate(() => window.wasCached), true, 'came from the cache');
    assert.equal(await hitsOf(base, 1), Number(await going.textContent('#views')), 'and is no new view');
  });

  it('keeps its numbers offline and connects at once when online', async () => {
    const watching = await openTab(context, url);
    const other = await browser.newContext();
    const page = await openTab(other, url);
    await shows(page, 'here', 2);
    await other.setOffline(true);
    await sleep(1000);
    assert.equal(await page.textContent('#here'), '2');
    await watching.close();
    const socket = page.waitForEvent('websocket', { timeout: 3000 });
    await other.setOffline(false);
    await socket;
    await shows(page, 'here', 1);
    await other.close();
  });

  it('has lines to try that name this very server', async () => {
    const page = await openTab(context, url);
    const lines = await page.locator('pre code').allTextContents();
    assert.ok(lines.some((line) => line === `curl -X POST http://${base}/counters/2/`), lines.join('\n'));
    assert.ok(lines.every((line) => !line.includes('localhost:8080')), lines.join('\n'));
  });

  it('tells screen readers the news now and then, not each change', async () => {
    const page = await openTab(context, url);
    await shows(page, 'here', 1);
    assert.equal(await page.getByRole('status').textContent(), '');
    await until(async () => /^1 here now, \d+ views$/.test(await page.getByRole('status').textContent()), 12_000, 'news');
  });

  it('looks good, light and dark, wide and narrow', async () => {
    const sizes = { wide: { width: 1100, height: 1250 }, narrow: { width: 390, height: 844 } };
    for (const colorScheme of ['light', 'dark']) {
      for (const [name, viewport] of Object.entries(sizes)) {
        const other = await browser.newContext({ colorScheme, viewport });
        const page = await openTab(other, url);
        await page.locator('.tile').first().click();
        await until(async () => !(await page.locator('.number').allTextContents()).includes('–'), 5000, 'all numbers');
        await page.screenshot({ path: screenshotPath(`demo-${name}-${colorScheme}`), fullPage: true });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${name}: ${overflow} px too wide`);
        assert.deepEqual(page.troubles, []);
        await other.close();
      }
    }
  });
});

describe('a restart', () => {
  let cluster;
  before(async () => { cluster = await Cluster.start({ gateways: 1 }); });
  after(() => cluster?.kill());
  const open = () => openTab(context, `http://${cluster.hosts[0]}/demo`);

  it('of counterd leaves every number in place, and they go on', async () => {
    const views = (await hitsOf(cluster.hosts[0], 1)) + 2;
    const [first, second] = [await open(), await open()];
    await shows(first, 'here', 2);
    await shows(second, 'here', 2);
    await shows(first, 'views', views);
    const before = (await second.seen('here')).length;
    await cluster.counterd.kill();
    await sleep(1500);
    await cluster.startCounterd();
    await sleep(2000);
    assert.deepEqual((await second.seen('here')).slice(before), []);
    assert.equal(await first.textContent('#views'), `${views}`);
    const third = await open();
    await shows(first, 'here', 3, 12_000);
    await shows(second, 'views', views + 1);
    await Promise.all([first, second, third].map((page) => page.close()));
  });

  it('of the gateway keeps the last numbers until they are right again', async () => {
    const page = await open();
    await shows(page, 'here', 1, 13_000);
    const before = (await page.seen('here')).length;
    await cluster.gateways[0].kill();
    await sleep(1000);
    assert.equal(await page.textContent('#here'), '1');
    await cluster.startGateway(0);
    const other = await openTab(await browser.newContext(), `http://${cluster.hosts[0]}/demo`);
    await shows(other, 'here', 2, 8000);
    await shows(page, 'here', 2, 8000);
    assert.deepEqual((await page.seen('here')).slice(before), ['2']);
    await other.context().close();
  });
});
