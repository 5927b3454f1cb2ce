// The client in a real browser, against the real programs: tabs, and many hosts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { load } from '../support/packages.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab } from './browser.mjs';
import { servePage } from './site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// A page that connects with these options; `key` is the demo's. In `context`, or a browser profile of its own.
async function openCounter(t, gateways, options, context) {
  const profile = context ?? await browser.newContext();
  if (!context) t.after(() => profile.close());
  const url = await servePage(t, {
    gateways,
    html: `<p id="here">–</p><script src="http://${gateways[0]}/client.js"></script><script src="/page.js"></script>`,
    script: `livecounter.connect(document.getElementById('here'), ${JSON.stringify({ key: 'demo', hosts: gateways, ...options })});`,
  });
  return openTab(profile, url);
}

const shows = (page, number, ms = 20_000) =>
  until(async () => (await page.textContent('#here')) === `${number}`, ms, `shows ${number}`);

const observe = async (t, gateway, urlId) => {
  const observer = await new Socket(gateway, subPath({ urlId, pId: 'observer', i: 'f' })).opened();
  t.after(() => observer.ws.terminate());
  return observer;
};

describe('tabs', () => {
  let server;
  let gateway;
  before(async () => { server = await startAllInOne(); gateway = server.address.http; });
  after(() => server?.kill());

  it('ten with one presence ID count once, until the last is closed', async (t) => {
    const context = await browser.newContext();
    t.after(() => context.close());
    const observer = await observe(t, gateway, 'tabs');
    const tabs = [];
    for (let i = 0; i < 10; i++) tabs.push(await openCounter(t, [gateway], { urlId: 'tabs', pId: 'me' }, context));
    await Promise.all(tabs.map((tab) => shows(tab, 1)));
    const last = tabs.pop();
    await Promise.all(tabs.map((tab) => tab.close()));
    await sleep(1500); // longer than the grace of those who leave
    assert.equal(observer.value, 1);
    await last.close({ runBeforeUnload: false });
    await observer.untilValue(0, 12_000);
    assert.deepEqual(observer.values.filter((value, i, all) => value !== all[i - 1]), [0, 1, 0]);
  });
});

describe('ten hosts', () => {
  const CONNECTIONS = 200;

  it('are chosen evenly', async (t) => {
    const { WebSocketServer } = load('ws');
    const server = await startAllInOne();
    t.after(() => server.kill());
    const hosts = [];
    for (let i = 0; i < 10; i++) {
      const host = { connections: 0, server: new WebSocketServer({ port: 0, host: '127.0.0.1' }) };
      host.server.on('connection', (socket) => {
        host.connections++;
        socket.send('1');
      });
      await once(host.server, 'listening');
      t.after(() => {
        host.server.clients.forEach((client) => client.terminate());
        host.server.close();
      });
      host.address = `127.0.0.1:${host.server.address().port}`;
      hosts.push(host);
    }
    const addresses = hosts.map(({ address }) => address);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(await servePage(t, {
      gateways: [server.address.http, ...addresses],
      html: `<script src="http://${server.address.http}/client.js"></script><script src="/page.js"></script>`,
      script: `window.elements = Array.from({ length: ${CONNECTIONS} }, () => document.createElement('b'));
        for (const element of window.elements) livecounter.connect(element, { key: 'k', hosts: ${JSON.stringify(addresses)} });`,
    }));
    await until(() => page.evaluate(() => window.elements.every(({ textContent }) => textContent === '1')), 10_000, 'all connected');
    const chosen = hosts.map(({ connections }) => connections);
    t.diagnostic(`connections: ${chosen.join(' ')}`);
    assert.equal(chosen.reduce((sum, connections) => sum + connections), CONNECTIONS);
    // Chi-square with 9 degrees of freedom: beyond 40 is one run in a hundred thousand.
    const expected = CONNECTIONS / hosts.length;
    const spread = chosen.reduce((sum, connections) => sum + (connections - expected) ** 2 / expected, 0);
    assert.ok(spread < 40, chosen.join(' '));
  });
});
