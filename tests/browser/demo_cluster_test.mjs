// The demo page of counterd and a gateway: what their restarts do to it, and what it has not.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { hitsOf } from '../support/http.mjs';
import { Cluster } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab } from './browser.mjs';

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

describe('the demo page of a server in parts', () => {
  let cluster;
  before(async () => { cluster = await Cluster.start({ gateways: 1 }); });
  after(() => cluster?.kill());
  const open = () => openTab(context, `http://${cluster.hosts[0]}/demo`);

  it('keeps every number over a restart of counterd, and they go on', async () => {
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

  it('keeps the last numbers over a restart of the gateway, until they are right again', async () => {
    const page = await open();
    await shows(page, 'here', 1, 13_000);
    const before = (await page.seen('here')).length;
    await cluster.gateways[0].kill();
    await sleep(1000);
    assert.equal(await page.textContent('#here'), '1');
    await cluster.startGateway(0);
    const other = await openTab(await browser.newContext(), `http://${cluster.hosts[0]}/demo`);
    await shows(other, 'here', 2);
    await shows(page, 'here', 2);
    assert.deepEqual((await page.seen('here')).slice(before), ['2']);
    await other.context().close();
  });

  it('says that the shop of the verified users is not there', async () => {
    const page = await open();
    await until(() => page.isVisible('#no-verified'), 20_000, 'is told');
    assert.equal(await page.isDisabled('#member-door'), true);
    await page.close();
  });
});
