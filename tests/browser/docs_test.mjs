// The documentation as the console serves it, in a real browser: every page, on a phone and a desk, light and dark;
// that it can be used by all, and asks nobody but the console.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { get } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { launch, openTab, screenshotPath, startAll, watchShifts } from './browser.mjs';
import { accessibilityFindings } from './dashboard.mjs';

const PAGES = readFileSync(new URL('../../web/docs/assets.txt', import.meta.url), 'utf8').split('\n')
  .filter((line) => line.includes('text/html')).map((line) => line.split(/\s+/)[0]).filter((address) => address !== '/docs');

const SHOWN = ['/docs/', '/docs/verification']; // pictures are kept of these

describe('the documentation', () => {
  let server;
  let base;
  let browser;
  before(async () => {
    [server, browser] = await startAll(startAllInOne(), launch());
    base = server.address.console;
  });
  after(async () => {
    await browser?.close();
    await server?.kill();
  });

  const anchors = new Map(); // address → ids in it
  const links = []; // { from, pathname, hash }, of this origin

  for (const [device, colorScheme, viewport] of [
    ['desk', 'light', { width: 1400, height: 900 }],
    ['phone', 'dark', { width: 360, height: 740 }],
  ]) {
    it(`is whole and as wide as the screen on a ${device}, ${colorScheme}`, async (t) => {
      const context = await browser.newContext({ colorScheme, viewport });
      t.after(() => context.close());
      const page = await openTab(context, 'about:blank');
      const shifts = await watchShifts(page);
      const answers = [];
      page.on('response', (response) => answers.push(response));
      for (const address of ['/docs', ...PAGES]) {
        await page.goto(`http://${base}${address}`);
        const seen = await page.evaluate(async () => ({
          tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          headings: document.querySelectorAll('h1').length,
          here: document.querySelector('[aria-current]').pathname,
          letters: await document.fonts.ready.then((fonts) => Array.from(fonts, ({ family, status }) => `${family} ${status}`)),
          ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
          links: [...document.links].filter(({ origin }) => origin === location.origin).map(({ pathname, hash }) => ({ pathname, hash })),
        }));
        assert.deepEqual([seen.tooWide, seen.headings, seen.here], [0, 1, address === '/docs' ? '/docs/' : address], address);
        assert.deepEqual(seen.letters, ['Figtree loaded'], address);
        assert.deepEqual(await accessibilityFindings(page), [], address);
        assert.deepEqual(await shifts(), [], address);
        assert.deepEqual(page.troubles, [], address);
        anchors.set(address, seen.ids);
        links.push(...seen.links.map((link) => ({ from: address, ...link })));
        if (SHOWN.includes(address)) await page.screenshot({ path: screenshotPath(`docs-${address.slice('/docs/'.length) || 'index'}-${device}`) });
      }
      for (const answer of answers) {
        assert.ok(answer.status() < 400, `${answer.status()} ${answer.url()}`);
        assert.equal(new URL(answer.url()).host, base);
      }
    });
  }

  it('has links that lead somewhere', async () => {
    assert.ok(links.length > PAGES.length);
    for (const { from, pathname, hash } of links) {
      if (anchors.has(pathname)) {
        assert.ok(!hash || anchors.get(pathname).includes(decodeURIComponent(hash.slice(1))), `${from} links to ${pathname}${hash}`);
      } else if (pathname !== '/') {
        const { status, headers } = await get(base, pathname);
        assert.deepEqual([status, headers['content-type']], [200, 'text/plain;charset=utf-8'], `${from} links to ${pathname}`);
      }
    }
  });

  it('marks code that the browser does not let it copy', async (t) => {
    const context = await browser.newContext();
    t.after(() => context.close());
    await context.addInitScript(() => {
      Clipboard.prototype.writeText = () => Promise.reject(new DOMException('Write permission denied.', 'NotAllowedError'));
    });
    const page = await openTab(context, `http://${base}/docs/quickstart`);
    const code = page.locator('.code', { hasText: 'client.js' }).first();
    await code.hover();
    await code.getByRole('button', { name: 'Copy' }).click();
    await code.getByRole('button', { name: 'Marked: copy by hand' }).waitFor();
    assert.equal(await page.evaluate(() => `${getSelection()}`.trim()), (await code.locator('code').textContent()).trim());
    assert.deepEqual(page.troubles, []);
  });

  it('copies code without its prompts', async (t) => {
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    t.after(() => context.close());
    const page = await openTab(context, `http://${base}/docs/quickstart`);
    const code = page.locator('.code', { hasText: 'livecounterctl signup' });
    await code.hover();
    await code.getByRole('button', { name: 'Copy' }).click();
    await code.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^livecounterctl signup .*\nlivecounterctl product create /);
  });
});
