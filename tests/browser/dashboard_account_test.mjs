// What people do with accounts in the dashboard: profile, password, deletion, usage of other months; and a backup.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { scratchFolder } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';
import { launch, startAll } from './browser.mjs';
import { accessibilityFindings, confirmByTyping, Deployment, openDashboard, PASSWORD } from './dashboard.mjs';
import { openAs, populate } from './dashboard_pages.mjs';

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

const openAsOperator = (where) => openAs(context, deployment, 'operator', where);
const accountOf = (id) => deployment.call('AdminService/GetAccount', { name: `accounts/${id}` });
const said = (page, text) => page.getByRole('status').getByText(text).waitFor();
const panelOf = (page, title) => page.locator('.panel', { has: page.getByRole('heading', { name: title }) });

// A customer with a password, who is in none of the other pages.
async function addCustomer(id) {
  await deployment.call('AdminService/CreateAccount', { accountId: id, account: { displayName: `Shop ${id}`, email: `${id}@shop.example` } });
  await deployment.call('AdminService/SetPassword', { name: `accounts/${id}`, newPassword: PASSWORD });
}

// The account's page in a browser of its own, signed in there.
async function openOwn(t, id, password = PASSWORD) {
  const own = await browser.newContext();
  t.after(() => own.close());
  const page = await openDashboard(own, deployment, `/accounts/${id}/`);
  await page.getByLabel('E-mail').fill(`${id}@shop.example`);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Profile', exact: true }).waitFor();
  return page;
}

describe('a profile', () => {
  it('is saved, refused with its reason, and not written over what somebody else changed', async (t) => {
    await addCustomer('profile');
    const page = await openOwn(t, 'profile');
    const profile = panelOf(page, 'Profile');
    const save = () => profile.getByRole('button', { name: 'Save' }).click();
    await profile.getByLabel('Name').fill('The tent shop');
    await profile.getByLabel('E-mail').fill('tents@shop.example');
    await save();
    await said(page, 'Saved.');
    await page.getByRole('heading', { name: 'The tent shop', level: 1 }).waitFor();
    const { displayName, email } = await accountOf('profile');
    assert.deepEqual([displayName, email], ['The tent shop', 'tents@shop.example']);

    await profile.getByLabel('E-mail').fill('new@shop.example'); // of another account
    await save();
    await profile.getByRole('alert').waitFor();
    assert.match(await profile.getByRole('alert').textContent(), /e-?mail/i);
    assert.equal((await accountOf('profile')).email, 'tents@shop.example');

    await profile.getByLabel('E-mail').fill('tents@shop.example');
    await deployment.call('AdminService/UpdateAccount', { account: { name: 'accounts/profile', displayName: 'Meanwhile' }, updateMask: 'displayName' });
    await profile.getByLabel('Name').fill('Too late');
    await save();
    await page.getByText('Somebody changed this account').waitFor();
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('heading', { name: 'Meanwhile', level: 1 }).waitFor();
    assert.equal(await profile.getByLabel('Name').inputValue(), 'Meanwhile');
  });
});

describe('a password', () => {
  const NEW = 'another sentence is as good';

  it('is changed by who knows the one of before, and ends the other sessions', async (t) => {
    await addCustomer('password');
    const [page, other] = [await openOwn(t, 'password'), await openOwn(t, 'password')];
    const panel = panelOf(page, 'Password');
    const set = panel.getByRole('button', { name: 'Set password' });
    assert.equal(await set.isDisabled(), true, 'not before both are given');
    await panel.getByLabel('Current password').fill('not the one of before');
    await panel.getByLabel('New password').fill('short');
    await panel.getByText('At least 10 characters.').waitFor();
    assert.equal(await set.isDisabled(), true, 'not a short one');
    await panel.getByLabel('New password').fill(NEW);
    await set.click();
    await panel.getByText('The current password is another.').waitFor();
    await panel.getByLabel('Current password').fill(PASSWORD);
    await set.click();
    await said(page, 'The password is set; other sessions have ended.');
    assert.deepEqual(await panel.locator('input').evaluateAll((fields) => fields.map(({ value }) => value)), ['', '']);

    await other.reload();
    await other.getByText('I have an account').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Profile', exact: true }).waitFor();
    await openOwn(t, 'password', NEW);
  });

  it('that a customer forgot is set anew by an operator', async (t) => {
    await addCustomer('forgot');
    const page = await openAsOperator('/accounts/forgot/');
    const panel = panelOf(page, 'Password');
    await panel.getByLabel('New password').fill(NEW);
    assert.equal(await panel.getByLabel('Current password').count(), 0);
    await panel.getByRole('button', { name: 'Set password' }).click();
    await said(page, /^The password is set/);
    await openOwn(t, 'forgot', NEW);
  });
});

describe('an account', () => {
  it('is deleted once its id is typed, with its products only when that is said', async () => {
    await addCustomer('leaving');
    await deployment.call('AdminService/CreateProduct', { parent: 'accounts/leaving', productId: 'shop', product: {} });
    const page = await openAsOperator('/accounts/leaving/');
    await page.getByRole('button', { name: 'Delete …' }).click();
    await confirmByTyping(page, 'leaving', 'Delete for ever');
    await page.getByRole('dialog').getByRole('alert').getByText(/product/).waitFor();
    assert.equal((await accountOf('leaving')).displayName, 'Shop leaving', 'it is refused');
    await page.getByRole('switch', { name: 'Its products too' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for ever' }).click();
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    await said(page, 'The account leaving is deleted.');
    await page.getByText('Shop leaving').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'A newcomer' }).waitFor();
    await assert.rejects(accountOf('leaving'), /not_found/);
    await assert.rejects(deployment.call('AdminService/GetProduct', { name: 'accounts/leaving/products/shop' }), /not_found/);
  });
});

describe('usage of another month', () => {
  const MONTH = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  // When the month of UTC begins that is so many after this one.
  const monthAfter = (count) => Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + count);

  // What is asked for once the button is pressed, and all answers have come.
  async function asked(page, button) {
    const [request] = await Promise.all([page.waitForRequest(/GetUsage$/), button.click()]);
    await page.locator('.panel .loading').waitFor({ state: 'detached' });
    const { startTime, endTime } = request.postDataJSON();
    return [startTime, endTime].map((time) => new Date(time).getTime());
  }

  beforeEach(async () => {
    await context.close();
    context = await browser.newContext({ locale: 'en-US' });
  });

  for (const [who, where] of [['customer', '/accounts/demo/usage/'], ['operator', '/usage/']]) {
    it(`is a step away, and none is after this one: ${who}`, async () => {
      const page = await openAs(context, deployment, who, where);
      const [before, after] = ['before', 'after'].map((which) => page.getByRole('button', { name: `The month ${which}` }));
      const shows = (count) => page.locator('.stepper').getByText(MONTH.format(monthAfter(count)), { exact: true }).waitFor();
      const isLoaded = () => page.locator(who === 'customer' ? '.plot canvas' : '.rows tbody tr').first().waitFor();
      await shows(0);
      await isLoaded();
      assert.equal(await after.isDisabled(), true);
      assert.deepEqual(await asked(page, before), [monthAfter(-1), monthAfter(0)]);
      await shows(-1);
      assert.deepEqual(await asked(page, before), [monthAfter(-2), monthAfter(-1)]);
      await shows(-2);
      if (who === 'customer') {
        await page.getByText('No connections in this time.').waitFor();
        assert.equal(await page.getByRole('button', { name: 'CSV' }).count(), 0);
      }
      assert.deepEqual(await asked(page, after), [monthAfter(-1), monthAfter(0)]);
      await asked(page, after);
      await shows(0);
      await isLoaded();
      assert.equal(await after.isDisabled(), true);
    });
  }
});

describe('usage of other days', () => {
  it('is that from one day to another, of at most 400', async () => {
    const page = await openAs(context, deployment, 'customer', '/accounts/demo/products/demo/usage/');
    await page.locator('.plot canvas').waitFor();
    await page.getByText('Other days').click();
    await page.locator('.plot canvas').waitFor();
    assert.ok(Number(await page.locator('.figure .value').first().textContent()) > 0, 'the last week has today');
    const [from, to] = ['From', 'To'].map((label) => page.getByLabel(label, { exact: true }));
    await from.fill('2026-02-01');
    await to.fill('2025-12-31');
    await page.getByText('The first day is after the last.').waitFor();
    await from.fill('2024-11-25');
    await page.getByText('At most 400 days.').waitFor();
    assert.equal(await page.locator('.plot, .empty').count(), 0, 'nothing is asked for');
    assert.deepEqual(await accessibilityFindings(page), []);
    const [request] = await Promise.all([page.waitForRequest(/GetUsage$/), from.fill('2024-11-27')]);
    const { name, startTime, endTime } = request.postDataJSON();
    assert.deepEqual([name, Date.parse(startTime), Date.parse(endTime)],
      ['accounts/demo/products/demo', Date.UTC(2024, 10, 27), Date.UTC(2026, 0, 1)]);
    await page.getByText('No connections in this time.').waitFor();
  });

  it('is there by the month too, of one account and of all, and as their bill', async () => {
    const now = new Date();
    const today = now.toISOString().slice(0, 10);
    const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 15)).toISOString().slice(0, 10);
    const months = [-2, -1, 0].map((count) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + count)).toISOString().slice(0, 7));
    // The lines of the file that the button gives.
    const linesOf = async (page, button) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
      return [download.suggestedFilename(), readFileSync(await download.path(), 'utf8').trim().split('\r\n')];
    };
    for (const [who, where] of [['customer', '/accounts/demo/usage/'], ['operator', '/usage/']]) {
      const page = await openAs(context, deployment, who, where);
      await page.locator('.plot canvas').waitFor();
      assert.equal(await page.getByText('By month').count(), 0, 'a month has one');
      await page.getByText('Other days').click();
      await page.getByLabel('From', { exact: true }).fill(begin);
      await page.getByText('By month').click();
      await page.locator('.plot canvas').waitFor();
      const total = (await page.locator('.figure .value').first().textContent()).replace(/\D/g, '');
      assert.ok(Number(total) > 0);
      assert.equal((await page.locator('.figure .value').nth(1).textContent()).replace(/\D/g, ''), total, 'all of it is of this month');
      const [, lines] = await linesOf(page, 'CSV, by month');
      assert.deepEqual(lines, ['account,product,month,connections', `demo,demo,${months[2]},${total}`]);
      assert.deepEqual(await accessibilityFindings(page), []);
      if (who === 'customer') continue;
      const [name, bill] = await linesOf(page, 'Bill as CSV');
      assert.equal(name, `bill-${begin}-to-${today}.csv`);
      assert.equal(bill[0], 'account,month,connections');
      assert.deepEqual(bill.filter((line) => /^(demo|newcomer),/.test(line)), [
        `demo,${months[0]},0`, `demo,${months[1]},0`, `demo,${months[2]},${total}`, ...months.map((month) => `newcomer,${month},0`),
      ]);
      await page.close();
    }
  });
});

describe('a backup', () => {
  it('is made where the operator says, and never over another', async () => {
    const directory = path.join(scratchFolder(), 'copy');
    const page = await openAsOperator('/system/');
    const ask = async (text) => {
      await page.getByRole('button', { name: 'Back up …' }).click();
      await page.getByLabel('Directory').fill(text);
      return page.getByRole('dialog').getByRole('button', { name: 'Back up' });
    };
    assert.equal(await (await ask('relative/copy')).isDisabled(), true);
    await page.getByLabel('Directory').fill(directory);
    await page.getByRole('dialog').getByRole('button', { name: 'Back up' }).click();
    await said(page, `The copy is at ${directory}.`);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.ok(existsSync(directory) && readdirSync(directory).length > 0, 'the copy is there');
    await (await ask(directory)).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(async () => (await page.locator('.rows tbody tr').count()) === 1, 5000, 'the page goes on');
  });
});
