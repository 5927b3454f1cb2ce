// Every page of the dashboard, light and dark: that it can be used by all, fits a phone and asks nobody else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { launch, startAll } from './browser.mjs';
import { accessibilityFindings, Deployment } from './dashboard.mjs';
import { openPage, PAGES, populate, signIn } from './dashboard_pages.mjs';

const AT_ONCE = 3;

let browser;
let deployment;
let leave;
before(async () => {
  [browser, deployment] = await startAll(launch(), Deployment.start());
  leave = await populate(deployment);
});
after(async () => {
  leave?.();
  await Promise.all([browser?.close(), deployment?.stop()]);
});

// What a browser reports of answers that these pages expect: who is not signed in, and what is not there.
const EXPECTED = { 'sign-in': /401/, 'no-such-product': /404/ };

// Whom else a page may ask: the gateway for what it previews, and nobody.
const ASKED = { 'dialog-counter-lines': /\/counters\/downloads\/badge\.svg\?/ };

async function check(context, asked) {
  const { name } = asked;
  const page = await openPage(context, deployment, asked);
  assert.deepEqual(await accessibilityFindings(page), [], name);
  await page.setViewportSize({ width: 360, height: 740 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name}: ${overflow} px wider than a phone`);
  assert.deepEqual(await accessibilityFindings(page), [], `${name} on a phone`);
  assert.deepEqual(page.troubles.filter((trouble) => !EXPECTED[name]?.test(trouble)), [], name);
  assert.deepEqual(page.requests.filter((url) => !url.startsWith(deployment.console) && url !== 'about:blank' && !(url.startsWith(deployment.edge) && ASKED[name]?.test(url))), [], name);
  await page.close();
}

it('are all in the list of pictures that people look at', () => {
  const list = readFileSync(new URL('../../docs/images/README.md', import.meta.url), 'utf8');
  assert.deepEqual(PAGES.filter(({ name }) => !list.includes(`\`dashboard-${name}\``)).map(({ name }) => name), []);
});

for (const colorScheme of ['light', 'dark']) {
  it(`can be used by all, ask nobody else, and fit a phone: ${colorScheme}`, async () => {
    const contexts = {};
    for (const who of ['nobody', 'customer', 'operator']) {
      contexts[who] = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      await signIn(contexts[who], deployment, who);
    }
    const waiting = [...PAGES];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let page = waiting.shift(); page; page = waiting.shift()) await check(contexts[page.who], page);
    }));
    await Promise.all(Object.values(contexts).map((context) => context.close()));
  });
}
