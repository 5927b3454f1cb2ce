// The dashboard in a real browser, against the real programs: what it does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { post } from '../support/http.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { launch, startAll } from './browser.mjs';
import { accessibilityFindings, confirmByTyping, CustomerSite, Deployment, openDashboard, PASSWORD, signInAsOperator } from './dashboard.mjs';
import { openAs as openPageAs, OWNER, populate } from './dashboard_pages.mjs';

const PRODUCT = '/accounts/demo/products/demo';

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

const openAs = (who, where) => openPageAs(context, deployment, who, where);

const textOf = (page, selector, text, ms = 20_000) =>
  until(async () => (await page.locator(selector).first().textContent()) === text, ms, () => `${selector} is ${text}`);

const confirm = async (page, word, button) => {
  await confirmByTyping(page, word, button);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

describe('the live page', () => {
  it('shows hits and people as they come', async () => {
    const page = await openAs('customer', `${PRODUCT}/live/`);
    const row = (id) => page.locator('.rows tbody tr', { has: page.getByRole('button', { name: id, exact: true }) });
    await row('3').waitFor();
    const before = Number(await row('3').locator('.hits').textContent());
    await post(deployment.server.address.http, '/counters/3/');
    await until(async () => Number(await row('3').locator('.hits').textContent()) === before + 1, 20_000, 'one more hit');
    const visitor = await new Socket(deployment.server.address.http, subPath({ urlId: 'https://shop.example/lamp', pId: 'one-more' })).opened();
    await until(async () => (await row('https://shop.example/lamp').locator('.here').textContent()) === '3', 20_000, 'one more visitor');
    visitor.ws.close(1000);
    await until(async () => (await row('https://shop.example/lamp').locator('.here').textContent()) === '2', 20_000, 'who leaves');
  });

  it('finds the busiest of all pages of the list, and shows the history of any counter by its name', async () => {
    await context.route(/ListCounters$/, (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), pageSize: 2 }) }));
    const page = await openAs('customer', `${PRODUCT}/live/`);
    await page.locator('.rows tbody tr').nth(7).waitFor();
    assert.equal(await page.locator('.rows .row-link').first().textContent(), 'https://shop.example/');
    const counter = page.getByLabel('Counter', { exact: true });
    const show = async (id) => {
      await counter.fill(id);
      await counter.press('Enter');
    };
    await textOf(page, 'tr.chosen .row-link', 'https://shop.example/');
    await show('downloads');
    await textOf(page, 'tr.chosen .row-link', 'downloads');
    await show('never used');
    await page.getByText('No counter of this name has hits, people or history.').waitFor();
    assert.equal(await page.locator('tr.chosen').count(), 0);
    await show('');
    await textOf(page, 'tr.chosen .row-link', 'https://shop.example/');
  });

  it('shows any counter live that is chosen, also one that is not among the busiest', async (t) => {
    const page = await openAs('customer', `${PRODUCT}/live/`);
    await page.locator('.rows tbody tr').nth(9).waitFor();
    const show = async (id) => {
      await page.getByLabel('Counter', { exact: true }).fill(id);
      await page.getByLabel('Counter', { exact: true }).press('Enter');
    };
    await show('9');
    await textOf(page, 'tr.chosen .row-link', '9');
    const before = Number(await page.locator('tr.chosen .hits').textContent());
    await post(deployment.server.address.http, '/counters/9/');
    await textOf(page, 'tr.chosen .hits', `${before + 1}`);
    await show('a place of its own');
    await page.locator('tr.chosen').waitFor({ state: 'detached' });
    const visitor = await new Socket(deployment.server.address.http, subPath({ urlId: 'a place of its own', pId: 'me' })).opened();
    t.after(() => visitor.ws.terminate());
    await textOf(page, 'tr.chosen .row-link', 'a place of its own');
    await textOf(page, 'tr.chosen .here', '1');
  });

  for (const [reducedMotion, moves] of [['no-preference', true], ['reduce', false]]) {
    it(`${moves ? 'has a pulse' : 'stands still'} where visitors prefer: ${reducedMotion}`, async (t) => {
      const own = await browser.newContext({ reducedMotion });
      t.after(() => own.close());
      const page = await openPageAs(own, deployment, 'customer', `${PRODUCT}/live/`);
      await page.locator('.figure.here .pulse').waitFor();
      const running = () => page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
      if (moves) await until(async () => (await running()) > 0, 5000, 'something moves');
      else assert.equal(await running(), 0);
    });
  }

  it('begins where its address says, after a reload too', async () => {
    const page = await openAs('customer', `${PRODUCT}/keys/`);
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Leave delays' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Leave delays' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
  });
});

describe('a product that is not there', () => {
  it('has no tabs, and a way to those that are', async () => {
    const page = await openAs('customer', '/accounts/demo/products/nothing/live/');
    await page.getByText('There is no such product.').waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Product' }).count(), 0);
    await page.getByRole('link', { name: 'To the products' }).click();
    await page.getByRole('heading', { name: 'Products' }).waitFor();
  });
});

describe('hit counters', () => {
  it('are created, added to, set, reset and deleted, and what is lost is asked about', async () => {
    const page = await openAs('customer', `${PRODUCT}/counters/`);
    const press = (name) => page.getByRole('button', { name, exact: true }).click();
    await press('New hit counter');
    await page.getByLabel('Name').fill('stars');
    await page.getByLabel('Starts at').fill('1,000');
    await press('Create');
    const row = page.locator('.rows tbody tr', { hasText: 'stars' });
    const hits = (text) => until(async () => (await row.locator('.hits').textContent()) === text, 20_000, () => `${text} hits`);
    await hits('1,000');
    await press('Add: stars');
    await page.getByLabel('How many').fill('25');
    await press('Add');
    await hits('1,025');
    await press('Set: stars');
    await page.getByLabel('Hits', { exact: true }).fill('7');
    await press('Set');
    await hits('7');
    await press('Reset: stars');
    await confirm(page, 'stars', 'Reset to 0');
    await hits('0');
    await press('Embed: stars');
    assert.match(await page.getByRole('region', { name: 'Badge in Markdown' }).textContent(), /^!\[stars\]\(http:\/\/.*\/counters\/stars\/badge\.svg\?key=demo&label=stars\)$/);
    await press('Close');
    await press('Delete: stars');
    await confirm(page, 'stars', 'Delete for ever');
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(page.troubles, []);
  });
});

describe('API keys', () => {
  it('are made and revoked', async () => {
    const page = await openAs('customer', `${PRODUCT}/keys/`);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Id').fill('second');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke the key second' }).click();
    await confirm(page, 'second', 'Revoke for ever');
    await page.locator('tr.gone', { hasText: 'second' }).waitFor();
  });
});

describe('the embed page', () => {
  it('connects with the very script that customers embed', async () => {
    const page = await openAs('customer', `${PRODUCT}/embed/`);
    assert.ok((await page.getByRole('region', { name: 'Lines for your page' }).textContent()).includes(`<script src="${deployment.edge}/client.js" defer></script>`));
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await textOf(page, '.preview-number', '1');
    assert.deepEqual(page.troubles, []);
  });

  it('says when the allowed origins keep it out, and mends that', async () => {
    const page = await openAs('customer', '/accounts/demo/products/blog/keys/');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.locator('.rows code.key').first().waitFor();
    await page.getByRole('link', { name: 'Embed' }).click();
    await page.getByRole('button', { name: 'Allow this origin' }).click();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await textOf(page, '.preview-number', '1');
  });
});

// That each edge that is named stands where its bar ends, and that names do not run into each other on a phone.
async function checkHistogram(page) {
  await page.setViewportSize({ width: 360, height: 740 });
  const { bars, marks } = await page.locator('.histogram').first().evaluate((histogram) => {
    const boxes = (selector) => [...histogram.querySelectorAll(selector)].map((element) => ({ text: element.textContent, ...element.getBoundingClientRect().toJSON() }));
    return { bars: boxes('li'), marks: boxes('.scale span') };
  });
  assert.equal(marks[0].text, '0');
  assert.ok(Math.abs(marks[0].left - bars[0].left) <= 2, 'the left end');
  for (const [index, { text, left, right }] of marks.entries()) {
    if (index === 0) continue;
    const bar = bars.find((each) => each.text.includes(` to ${text}: `));
    const at = index === marks.length - 1 ? right : (left + right) / 2;
    assert.ok(bar && Math.abs(at - bar.right) <= 2, `${text} stands at ${at}, where no bar ends that is up to it: ${JSON.stringify(bar)}`);
    assert.ok(left >= marks[index - 1].right, `${text} runs into ${marks[index - 1].text}`);
  }
}

describe('verification', () => {
  let site;
  before(async () => { site = await CustomerSite.start(); });
  after(() => site?.stop());

  it('says step by step how a test goes, and why it fails', async () => {
    site.key = 'another key';
    const page = await openAs('customer', `${PRODUCT}/verification/`);
    await page.getByLabel('Address').fill(`${site.origin}/verify`);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('The test did not pass').waitFor();
    assert.equal(await page.locator('.step.failed').count(), 1);
    assert.match(await page.locator('.step.failed .problem').textContent(), /API key/);
    site.key = 'demo';
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('The test passed').waitFor({ timeout: 20_000 });
    assert.deepEqual(await page.locator('.step.passed .count').allTextContents(), ['500 / 500', '500 / 500']);
    assert.equal(await page.locator('.histogram').count(), 2);
    await checkHistogram(page);
    assert.deepEqual(await accessibilityFindings(page), []);
  });
});

describe('settings', () => {
  it('are checked, saved, and not written over what somebody else changed', async () => {
    const page = await openAs('customer', `${PRODUCT}/settings/`);
    const general = page.locator('.panel', { has: page.getByRole('heading', { name: 'General' }) });
    await general.getByLabel('Allowed origins').fill('shop.example');
    await general.getByText('is no origin').waitFor();
    assert.equal(await general.getByRole('button', { name: 'Save' }).isDisabled(), true);
    await general.getByLabel('Allowed origins').fill('*');
    await general.getByLabel('Name').fill('The demo');
    await general.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'The demo', level: 1 }).waitFor();
    const delays = page.locator('.panel', { has: page.getByRole('heading', { name: 'Leave delays' }) });
    await delays.getByLabel('After a page was closed').fill('2.5 s');
    const saved = page.waitForResponse(/UpdateProduct$/);
    await delays.getByRole('button', { name: 'Save' }).click();
    assert.equal((await saved).status(), 200);
    await page.getByText('Saved.').first().waitFor();
    assert.equal((await deployment.call('AdminService/GetProduct', { name: 'accounts/demo/products/demo' })).cleanLeaveGrace, '2.500s');

    await deployment.call('AdminService/UpdateProduct', { product: { name: 'accounts/demo/products/demo', displayName: 'Meanwhile' }, updateMask: 'displayName' });
    await general.getByLabel('Name').fill('Too late');
    await general.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody changed this product').waitFor();
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('heading', { name: 'Meanwhile', level: 1 }).waitFor();
  });
});

describe('usage', () => {
  it('is there to be read and to be downloaded', async () => {
    const page = await openAs('customer', '/accounts/demo/usage/');
    await page.locator('.plot canvas').waitFor();
    for (const [grain, time] of [['day', '\\d{4}-\\d\\d-\\d\\d'], ['hour', '\\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00Z']]) {
      await page.getByText(`By ${grain}`, { exact: true }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: `CSV, by ${grain}` }).click();
      const lines = readFileSync(await (await download).path(), 'utf8').trim().split('\r\n');
      assert.equal(lines[0], `account,product,${grain},connections`);
      assert.ok(lines.some((line) => new RegExp(`^demo,demo,${time},\\d+$`).test(line)), lines.join('\n'));
    }
  });
});

describe('sessions', () => {
  it('are kept over a reload, out of the reach of scripts, until one signs out', async () => {
    const page = await openDashboard(context, deployment);
    await page.getByLabel('E-mail').fill(OWNER);
    await page.getByLabel('Password').fill('a wrong password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Products' }).waitFor();
    assert.equal(await page.evaluate(() => document.cookie), '');
    await page.reload();
    await page.getByRole('heading', { name: 'Products' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('I have an account').waitFor();
    await page.reload();
    await page.getByText('I have an account').waitFor();
  });

  it('of operators begin with their token, and end with its cookie', async () => {
    const page = await openDashboard(context, deployment);
    await signInAsOperator(page, deployment);
    await page.getByRole('button', { name: 'Activate newcomer' }).click();
    await page.getByRole('button', { name: 'Deactivate newcomer' }).click();
    await page.getByRole('button', { name: 'Activate newcomer' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('I have an account').waitFor();
    assert.equal((await context.cookies()).length, 0);
  });
});

describe('the keyboard', () => {
  // Where Tab goes from the page's begin: each element that takes the focus as its place in `stops`, and whether one
  // sees that it has it.
  async function walk(page) {
    const count = await page.evaluate(() => {
      const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
      window.stops = stops.filter((element) => !element.disabled && element.checkVisibility() && (element.type !== 'radio' || element.checked));
      return window.stops.length;
    });
    const seen = [];
    for (let n = 0; n < count; n++) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate(() => {
        const element = document.activeElement;
        const outlined = element.type === 'radio' ? element.nextElementSibling : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(outlined);
        const isSeen = element.matches('.skip') || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1);
        return [window.stops.indexOf(element), isSeen];
      }));
    }
    return { seen, expected: Array.from({ length: count }, (_, n) => [n, true]) };
  }

  for (const [where, ready] of [[`${PRODUCT}/settings/`, 'Leave delays'], [`${PRODUCT}/embed/`, 'Try it here'], ['/accounts/demo/usage/', 'Connections accepted']]) {
    it(`reaches all that can be used, in its order, and one sees where it is: ${where}`, async () => {
      const page = await openAs('customer', where);
      await page.getByRole('heading', { name: ready }).waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      const { seen, expected } = await walk(page);
      assert.ok(expected.length > 8, `${expected.length} stops`);
      assert.deepEqual(seen, expected);
    });
  }

  it('goes on at the heading of a page that a link led to', async () => {
    const page = await openAs('customer', `${PRODUCT}/keys/`);
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await page.getByRole('link', { name: 'Usage' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor();
    await until(() => page.evaluate(() => document.activeElement.matches('main h1')), 5000, 'the heading has the focus');
  });

  it('leads through a dialog and back', async () => {
    const page = await openAs('customer', `${PRODUCT}/keys/`);
    const button = page.getByRole('button', { name: 'New key' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'INPUT');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'New key');
  });
});
