// What customers do with a product in the dashboard: copy, limit, verify, delete.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { until } from '../support/wait.mjs';
import { launch, startAll } from './browser.mjs';
import { accessibilityFindings, confirmByTyping, CustomerSite, Deployment } from './dashboard.mjs';
import { openAs, populate } from './dashboard_pages.mjs';

const PRODUCT = '/accounts/demo/products/demo';
const NAME = 'accounts/demo/products/demo';

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

let context;
beforeEach(async () => { context = await browser.newContext(); });
afterEach(() => context.close());

const open = (tab) => openAs(context, deployment, 'customer', `${PRODUCT}/${tab}/`);
const stored = (name = NAME) => deployment.call('AdminService/GetProduct', { name });
const said = (page, text) => page.getByRole('status').getByText(text).waitFor();

describe('a copy button', () => {
  const clipboardOf = (page) => page.evaluate(() => navigator.clipboard.readText());

  // Presses the button of that name, on a page or in a dialog: what the clipboard has then.
  async function copied(page, name, place = page) {
    const button = place.getByRole('button', { name, exact: true });
    assert.equal(await button.textContent(), 'Copy');
    await button.click();
    await until(async () => (await button.textContent()) === 'Copied', 5000, 'it says that it was done');
    await place.getByRole('status').getByText('Copied.').first().waitFor();
    return clipboardOf(page);
  }

  beforeEach(() => context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: deployment.console }));

  it('has the lines for a page as they are shown', async () => {
    const page = await open('embed');
    await page.getByLabel('What is counted').fill('a "quoted" stove');
    const lines = page.getByRole('region', { name: 'Lines for your page' });
    await lines.filter({ hasText: 'stove' }).waitFor();
    const text = await copied(page, 'Copy: Lines for your page');
    assert.equal(text, await lines.textContent());
    assert.match(text, /url-id="a &quot;quoted&quot; stove"/);
  });

  it('has the lines for a hit counter, and a key, in full', async () => {
    const counters = await open('counters');
    await counters.getByRole('button', { name: 'Embed: downloads', exact: true }).click();
    for (const label of ['Lines for your page', 'Badge in Markdown', 'A hit with curl']) {
      assert.equal(await copied(counters, `Copy: ${label}`, counters.getByRole('dialog')), await counters.getByRole('region', { name: label }).textContent());
    }
    const keys = await open('keys');
    const row = keys.locator('.rows tbody tr:not(.gone)').first();
    const button = row.getByRole('button', { name: /^Copy the key/ });
    assert.equal(await copied(keys, await button.getAttribute('aria-label')), await row.locator('code.key').textContent());
  });

  describe('that the browser forbids', () => {
    const REFUSED = 'The browser did not allow copying. The text is marked: copy it by hand.';
    const marked = (page) => page.evaluate(() => {
      const { activeElement: field } = document;
      return field.tagName === 'INPUT' ? field.value.slice(field.selectionStart, field.selectionEnd) : `${getSelection()}`;
    });

    // Presses the button: it says what happened beside itself, and does not say that it was done.
    async function refused(page, button, place = page) {
      await button.click();
      await place.getByRole('alert').getByText(REFUSED).waitFor();
      assert.equal(await button.textContent(), 'Copy');
      return marked(page);
    }

    beforeEach(() => context.addInitScript(() => {
      Clipboard.prototype.writeText = () => Promise.reject(new DOMException('Write permission denied.', 'NotAllowedError'));
    }));

    it('marks the lines where they stand, as often as it is pressed', async () => {
      const page = await open('embed');
      const button = page.getByRole('button', { name: 'Copy: Lines for your page' });
      const lines = page.getByRole('region', { name: 'Lines for your page' });
      assert.equal(await refused(page, button), await lines.textContent());
      await page.evaluate(() => getSelection().empty());
      await button.click();
      await until(async () => (await marked(page)) === await lines.textContent(), 5000, 'marked again');
      assert.deepEqual(await accessibilityFindings(page), []);
    });

    it('says so in the dialog that it is in', async () => {
      const page = await open('counters');
      await page.getByRole('button', { name: 'Embed: downloads', exact: true }).click();
      const dialog = page.getByRole('dialog');
      const label = 'Badge in Markdown';
      const text = await refused(page, dialog.getByRole('button', { name: `Copy: ${label}` }), dialog);
      assert.equal(text, await dialog.getByRole('region', { name: label }).textContent());
    });

    it('marks a key in its row, and shows a secret in a field', async () => {
      const page = await open('keys');
      const row = page.locator('.rows tbody tr:not(.gone)').first();
      assert.equal(await refused(page, row.getByRole('button', { name: /^Copy the key/ }), row), await row.locator('code.key').textContent());
      assert.deepEqual(await accessibilityFindings(page), []);
      const verification = await open('verification');
      const secret = await refused(verification, verification.getByRole('button', { name: 'Copy the signing secret' }));
      assert.equal(secret, (await stored()).verification.signingSecret);
      assert.deepEqual(await accessibilityFindings(verification), []);
    });
  });
});

describe('limits', () => {
  it('are checked, saved, and lifted again', async () => {
    const page = await open('settings');
    const panel = page.locator('.panel', { has: page.getByRole('heading', { name: 'Limits' }) });
    const fields = ['Connections', 'Connections of one address', 'POSTs a second'].map((label) => panel.getByLabel(label, { exact: true }));
    const save = panel.getByRole('button', { name: 'Save' });
    const fill = async (texts) => {
      for (const [index, field] of fields.entries()) await field.fill(texts[index]);
    };

    for (const texts of [['many', '0', '0'], ['0', '-1', '0'], ['0', '0', '.'], ['0', '0', 'fast']]) {
      await fill(texts);
      await panel.getByText(/0 means no limit\.$/).nth(1).waitFor();
      assert.equal(await save.isDisabled(), true, texts.join(' '));
    }
    await fill(['1,000', '5', '2.5']);
    await save.click();
    await said(page, /^Saved/);
    assert.deepEqual((await stored()).limits, { maxConnections: '1000', maxConnectionsPerIp: '5', maxPostsPerSecond: 2.5 });
    await page.reload();
    await fields[0].waitFor();
    assert.deepEqual(await Promise.all(fields.map((field) => field.inputValue())), ['1000', '5', '2.5']);

    await fill(['', '', '']);
    await save.click();
    await said(page, /^Saved/);
    await until(async () => Object.values((await stored()).limits ?? {}).every((value) => Number(value) === 0), 5000, 'no limits');
  });
});

describe('verification', () => {
  let site;
  before(async () => {
    site = await CustomerSite.start();
    site.key = 'demo';
  });
  after(() => site?.stop());

  it('is stopped while its test runs, and can be tried again', async (t) => {
    // An endpoint that keeps whoever asks it waiting.
    const silent = http.createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const page = await open('verification');
    await page.getByLabel('Address').fill(`http://127.0.0.1:${silent.address().port}/`);
    const asked = once(silent, 'request');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await asked;
    assert.equal(await page.getByRole('button', { name: 'Test and save' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped by you.').waitFor();
    assert.deepEqual(await page.locator('.step .tag').allTextContents(), Array(4).fill('not run'));
    assert.equal(await page.getByRole('button', { name: 'Test', exact: true }).isEnabled(), true);
    assert.equal(await page.getByRole('button', { name: 'Stop' }).count(), 0);
    assert.equal((await stored()).verification?.endpointUri || '', '');
  });

  it('is saved switched off or on, and its secret is shown when it is asked for', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: deployment.console });
    const page = await open('verification');
    await page.getByText('Everybody counts', { exact: true }).waitFor();
    await page.getByLabel('Address').fill(`${site.origin}/verify`);
    const saveWith = async (isOn) => {
      await page.getByRole('switch', { name: 'Verify visitors once it is saved' }).setChecked(isOn);
      await page.getByRole('button', { name: 'Test and save' }).click();
      await page.getByText('Passed and saved').waitFor({ timeout: 30_000 });
    };
    await saveWith(false);
    await page.getByText('Verification is off').waitFor();
    const { endpointUri, enabled = false, signingSecret } = (await stored()).verification;
    assert.deepEqual([endpointUri, enabled], [`${site.origin}/verify`, false]);

    const verify = page.getByRole('switch', { name: 'Verify visitors', exact: true });
    const isStored = (isOn) => until(async () => ((await stored()).verification.enabled ?? false) === isOn, 5000, `verification is ${isOn}`);
    await verify.click();
    await page.getByText('Only verified visitors count').waitFor();
    await isStored(true);
    await verify.click();
    await page.getByText('Verification is off').waitFor();
    await isStored(false);
    assert.equal((await stored()).verification.endpointUri, endpointUri, 'the endpoint is kept');

    assert.ok(signingSecret.length > 20);
    assert.equal(await page.getByText(signingSecret).count(), 0, 'not before it is asked for');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText(signingSecret).waitFor();
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByText(signingSecret).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Copy the signing secret' }).click();
    await until(async () => (await page.evaluate(() => navigator.clipboard.readText())) === signingSecret, 5000, 'the secret is copied');

    // What passed is saved again without another load.
    await saveWith(true);
    assert.deepEqual(await page.locator('.step .tag').allTextContents(), ['passed', 'passed', 'not run', 'not run']);
    await page.getByText('Only verified visitors count').waitFor();
    await isStored(true);
  });
});

describe('a product', () => {
  it('is deleted once its id is typed, and not when the question is left', async () => {
    const name = 'accounts/demo/products/short-lived';
    await deployment.call('AdminService/CreateProduct', { parent: 'accounts/demo', productId: 'short-lived', product: { displayName: 'Short-lived' } });
    const page = await openAs(context, deployment, 'customer', `/${name}/settings/`);
    const ask = () => page.getByRole('button', { name: 'Delete …' }).click();
    await ask();
    await page.getByRole('dialog').getByLabel(/^Type /).fill('short-lived');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await stored(name)).displayName, 'Short-lived');
    await ask();
    await confirmByTyping(page, 'short-lived', 'Delete for ever');
    await said(page, 'Short-lived is deleted.');
    await page.getByRole('heading', { name: 'Products' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/accounts/demo/products/');
    await page.getByText('Our blog').first().waitFor();
    assert.equal(await page.getByText('Short-lived', { exact: true }).count(), 0);
    await assert.rejects(stored(name), /not_found/);
  });
});
