// The demo page in a real browser.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { hitsOf, post } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab, screenshotPath, watchShifts } from './browser.mjs';
import { accessibilityFindings } from './dashboard.mjs';

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

describe('the demo page', () => {
  let server;
  let base;
  let url;
  before(async () => {
    server = await startAllInOne();
    base = server.address.http;
    url = `http://${base}/demo`;
  });
  after(() => server?.kill());

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
    await until(async () => (await tile.locator('.number').textContent()) === `${before + 1}`, 20_000, 'own hit');
    assert.equal(await hitsOf(base, 4), before + 1);
    await post(base, '/counters/4/');
    await until(async () => (await tile.locator('.number').textContent()) === `${before + 2}`, 20_000, 'hit of another');
  });

  it('shows soon what others add to counters that were not pressed, with a highlight', async () => {
    const page = await openTab(context, url);
    const tiles = [5, 9].map((id) => ({ id, number: page.getByRole('button', { name: `Counter ${id}` }).locator('.number') }));
    for (const { id, number } of tiles) {
      const before = await hitsOf(base, id);
      await until(async () => (await number.textContent()) === `${before}`, 20_000, 'the value of before');
      await post(base, `/counters/${id}/`);
      await until(async () => (await number.textContent()) === `${before + 1}`, 20_000, 'hit of another');
      assert.match(await number.getAttribute('class'), /changed/);
    }
    assert.deepEqual(page.troubles, []);
  });

  it('says when a press did not arrive, and goes on when the server is back', async () => {
    const page = await openTab(context, url);
    const tile = page.getByRole('button', { name: 'Counter 7' });
    const before = await hitsOf(base, 7);
    await until(async () => (await tile.locator('.number').textContent()) === `${before}`, 20_000, 'the value');
    await context.setOffline(true);
    await tile.click();
    await page.getByRole('alert').getByText('That did not arrive: the server cannot be reached.').waitFor();
    assert.equal(await tile.locator('.number').textContent(), `${before}`, 'the last number stays');
    await context.setOffline(false);
    await tile.click();
    await until(async () => (await tile.locator('.number').textContent()) === `${before + 1}`, 20_000, 'the press');
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  it('shows a list of products over one connection, and who looks at them', async () => {
    const first = await openTab(context, url);
    const second = await openTab(context, url);
    const number = (page) => page.getByRole('button', { name: /Camp stove/ }).locator('.number');
    const told = (page, text, ms = 20_000) =>
      until(async () => (await number(page).textContent()) === text, ms, () => `Camp stove has ${text}`);
    await Promise.all([told(first, '0'), told(second, '0')]);
    await first.getByRole('button', { name: /Camp stove/ }).click();
    await Promise.all([told(first, '1'), told(second, '1')]);
    await second.getByRole('button', { name: /Camp stove/ }).press('Enter');
    await Promise.all([told(first, '2'), told(second, '2')]);
    await first.getByRole('button', { name: /Camp stove/, pressed: true }).click();
    await Promise.all([told(first, '1'), told(second, '1')]);
    assert.deepEqual([first.troubles, second.troubles], [[], []]);
  });

  it('has a member count and a stranger watch, side by side', async () => {
    const page = await openTab(context, url);
    await shows(page, 'member-number', 0);
    await page.getByRole('button', { name: 'The stranger comes in' }).click();
    await page.getByRole('button', { name: 'Ada comes in' }).click();
    await Promise.all([shows(page, 'member-number', 1), shows(page, 'stranger-number', 1)]);
    await sleep(500);
    assert.deepEqual([await page.textContent('#member-number'), await page.textContent('#stranger-number')], ['1', '1']);
    assert.match(await page.textContent('#stranger-state'), /does not count/);
    await page.getByRole('button', { name: 'Ada leaves' }).click();
    await Promise.all([shows(page, 'member-number', 0), shows(page, 'stranger-number', 0)]);
    assert.deepEqual(page.troubles, []);
  });

  it('shows one number for five readers, as Intl writes it', async () => {
    const page = await openTab(context, url);
    await until(async () => (await page.textContent('#views')) !== '–', 20_000, 'views');
    for (const scale of [1, 1234, 1234567]) {
      await page.selectOption('#scale', `${scale}`);
      // At one moment: views of others may come between two.
      const [texts, expected] = await page.evaluate((factor) => {
        const number = factor * Number(document.getElementById('views').textContent);
        const notation = number < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 };
        return [
          [...document.querySelectorAll('#readers dd')].map(({ textContent }) => textContent),
          ['en-US', 'de', 'hi', 'ja', 'ar-EG'].map((locale) => new Intl.NumberFormat(locale, notation).format(number).replace('K', 'k')),
        ];
      }, scale);
      assert.equal(texts.length, 5);
      assert.deepEqual(texts, expected);
    }
  });

  it('moves nothing when numbers come, and asks nobody but the gateway', async () => {
    const page = await context.newPage();
    const origins = new Set();
    page.on('request', (request) => origins.add(new URL(request.url()).host));
    page.on('websocket', (socket) => origins.add(new URL(socket.url()).host));
    const shifts = await watchShifts(page);
    await page.goto(url);
    await until(async () => !(await page.locator('.number').allTextContents()).includes('–'), 20_000, 'all numbers');
    assert.deepEqual(await page.evaluate(() => document.fonts.ready.then((fonts) => Array.from(fonts, ({ status }) => status))), ['loaded']);
    assert.deepEqual(await shifts(), []);
    assert.deepEqual([...origins], [base]);
  });

  it('can be used with the keyboard alone', async () => {
    const page = await openTab(context, url);
    const reached = [];
    for (let i = 0; i < 16; i++) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate(() => ({
        name: document.activeElement.dataset.counter ?? document.activeElement.dataset.urlId ?? document.activeElement.id,
        outline: getComputedStyle(document.activeElement).outlineStyle,
      }));
      reached.push(name);
      assert.equal(outline, 'solid', `${name} shows that it has the focus`);
    }
    assert.deepEqual(reached, ['2', '3', '4', '5', '6', '7', '8', '9', 'demo/tent', 'demo/shoes', 'demo/stove', 'demo/jacket',
      'member-door', 'stranger-door', 'scale', '']);
  });

  it('has lines to try that name this very server', async () => {
    const page = await openTab(context, url);
    const lines = await page.locator('pre code').allTextContents();
    assert.ok(lines.some((line) => line === `curl -X POST http://${base}/counters/2/`), lines.join('\n'));
    assert.ok(lines.every((line) => !line.includes('localhost:8080')), lines.join('\n'));
  });

  it('copies a line, and marks it where the browser does not let it', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: `http://${base}` });
    const page = await openTab(context, url);
    const line = page.locator('pre', { hasText: `curl -X POST http://${base}/counters/2/` });
    const text = await line.locator('code').textContent();
    await line.getByRole('button', { name: 'Copy' }).click();
    await line.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    await page.evaluate(() => {
      Clipboard.prototype.writeText = () => Promise.reject(new DOMException('Write permission denied.', 'NotAllowedError'));
    });
    await line.getByRole('button').click();
    await line.getByRole('button', { name: 'Marked: copy by hand' }).waitFor();
    assert.equal(await page.evaluate(() => `${getSelection()}`), text);
    assert.deepEqual(page.troubles, []);
  });

  it('looks good and is accessible, light and dark, wide and narrow', async () => {
    const sizes = { wide: { width: 1100, height: 1250 }, phone: { width: 390, height: 844 } };
    for (const colorScheme of ['light', 'dark']) {
      for (const [name, viewport] of Object.entries(sizes)) {
        const other = await browser.newContext({ colorScheme, viewport });
        const page = await openTab(other, url);
        await page.locator('.tile').first().click();
        await page.locator('#products .tile').first().click();
        await page.locator('#member-door').click();
        await page.locator('#stranger-door').click();
        await until(async () => !(await page.locator('.number').allTextContents()).includes('–'), 20_000, 'all numbers');
        await page.screenshot({ path: screenshotPath(`demo-${name}-${colorScheme}`), fullPage: true });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${name}: ${overflow} px too wide`);
        assert.deepEqual(await accessibilityFindings(page), []);
        assert.deepEqual(page.troubles, []);
        await other.close();
      }
    }
  });
});
