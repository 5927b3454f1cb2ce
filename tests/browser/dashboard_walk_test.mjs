// The newcomer's way in a real browser.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { launch, startAll } from './browser.mjs';
import { CustomerSite, Deployment } from './dashboard.mjs';
import { walk } from './newcomer.mjs';

let browser;
let deployment;
let site;
before(async () => {
  [browser, deployment, site] = await startAll(launch(), Deployment.start({ flags: ['--demo=false'] }), CustomerSite.start());
});
after(() => Promise.all([browser?.close(), deployment?.stop(), site?.stop()]));

it('leads from nothing to a verified live counter on an own page in under three minutes', async () => {
  const { tookMs, troubles, requests } = await walk({ browser, deployment, site });
  assert.ok(tookMs < 180_000, `took ${tookMs} ms`);
  assert.deepEqual(troubles, []);
  const elsewhere = requests.filter((url) => !url.startsWith(deployment.console) && !url.startsWith('blob:'));
  assert.deepEqual(elsewhere, [], 'the dashboard asks nobody but its console');
});
