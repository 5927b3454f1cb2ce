// What the dashboard shows while answers are on their way, where they fail, and while the counter service is gone.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { post } from '../support/http.mjs';
import { Cluster } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { launch } from './browser.mjs';
import { accessibilityFindings, Deployment } from './dashboard.mjs';
import { openAs, populate } from './dashboard_pages.mjs';

const LIVE = '/accounts/demo/products/demo/live/';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

let context;
afterEach(() => context?.close());

// Stands between the pages of `context` and one method of the API, which answers, refuses or hangs.
class Gate {
  does = 'answer';
  asked = 0;
  #held = [];

  static async at(method) {
    const gate = new Gate();
    await context.route(new RegExp(`/${method}$`), (route) => gate.#pass(route));
    return gate;
  }

  async #pass(route) {
    this.asked++;
    if (this.does === 'refuse') {
      await route.fulfill({ status: 503, json: { code: 'unavailable', message: 'the counter service is not there' } });
      return;
    }
    if (this.does === 'hang') await new Promise((resolve) => { this.#held.push(resolve); });
    await route.continue();
  }

  // Until a call hangs.
  holds() {
    return until(() => this.#held.length > 0, 20_000, 'a call that hangs');
  }

  release() {
    this.does = 'answer';
    for (const go of this.#held.splice(0)) go();
  }
}

describe('a page', () => {
  let deployment;
  let leave;
  before(async () => {
    deployment = await Deployment.start();
    leave = await populate(deployment);
  });
  after(() => {
    leave?.();
    return deployment?.stop();
  });

  const CASES = [
    { what: 'products', where: '/', method: 'ListProducts', ready: '.product-card' },
    { what: 'counters', where: LIVE, method: 'ListCounters', ready: '.rows tbody tr' },
  ].flatMap((each) => ['light', 'dark'].map((colorScheme) => ({ ...each, colorScheme })));

  for (const { what, where, method, ready, colorScheme } of CASES) {
    it(`shows where its ${what} will be while they are on their way: ${colorScheme}`, async () => {
      context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      const gate = await Gate.at(method);
      gate.does = 'hang';
      const page = await openAs(context, deployment, 'customer', where);
      await gate.holds();
      await page.getByRole('status').getByText('Loading…').waitFor();
      assert.ok(await page.locator('.loading .bone').count() > 1);
      assert.equal(await page.locator(ready).count(), 0);
      assert.deepEqual(await accessibilityFindings(page), []);
      gate.release();
      await page.locator(ready).first().waitFor();
    });

    it(`says that it cannot show its ${what}, and tries again when it is told to: ${colorScheme}`, async () => {
      context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      const gate = await Gate.at(method);
      gate.does = 'refuse';
      const page = await openAs(context, deployment, 'customer', where);
      const alert = page.getByRole('alert').filter({ hasText: `Cannot show the ${what}.` });
      await alert.getByText('The counter service is not there.').waitFor();
      assert.deepEqual(await accessibilityFindings(page), []);
      const { asked } = gate;
      await alert.getByRole('button', { name: 'Try again' }).click();
      await until(() => gate.asked > asked, 20_000, 'another try');
      await alert.waitFor();
      gate.does = 'hang';
      await alert.getByRole('button', { name: 'Try again' }).click();
      await gate.holds();
      gate.release();
      await page.locator(ready).first().waitFor();
      await alert.waitFor({ state: 'detached' });
    });
  }
});

describe('a counter service that is killed', () => {
  let cluster;
  before(async () => { cluster = await Cluster.start({ gateways: 1 }); });
  after(() => cluster?.kill());

  async function visit(t, pId) {
    const visitor = await new Socket(cluster.hosts[0], subPath({ urlId: 'https://shop.example/', pId })).opened();
    t.after(() => visitor.ws.terminate());
  }

  it('leaves the last numbers on the live page, which says so and is live again when it is back', async (t) => {
    await visit(t, 'one');
    await visit(t, 'two');
    for (let n = 0; n < 3; n++) await post(cluster.hosts[0], '/counters/1/');
    context = await browser.newContext({ reducedMotion: 'reduce' });
    const deployment = { console: `http://${cluster.gateways[0].address.console}`, token: cluster.adminToken() };
    const page = await openAs(context, deployment, 'operator', LIVE);
    const numbers = async () => [...await page.locator('.figure .value').allTextContents(), ...await page.getByRole('region', { name: 'Busiest counters' }).locator('td.number').allTextContents()];
    const here = page.locator('.figure.here');
    const shows = (count) => until(async () => (await here.locator('.value').textContent()) === `${count}`, 30_000, `${count} here`);
    await here.locator('.pulse').waitFor();
    await shows(2);
    const seen = await numbers();

    const failed = page.waitForResponse((response) => response.url().endsWith('/ListCounters') && !response.ok());
    await cluster.counterd.kill();
    await here.getByText('connecting again …').waitFor();
    await failed;
    assert.deepEqual(await numbers(), seen);
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.deepEqual(await accessibilityFindings(page), []);

    await cluster.startCounterd();
    await here.locator('.pulse').waitFor();
    await visit(t, 'three');
    await shows(3);
  });
});
