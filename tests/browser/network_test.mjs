// The client in a real browser, against the real programs: what happens to networks and gateways.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Cluster, startAllInOne } from '../support/programs.mjs';
import { Relay } from '../support/relay.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { connects, launch, openTab } from './browser.mjs';
import { servePage } from './site.mjs';

// A visitor whose connection was lost has left by then.
const LOST_MS = 20_000;

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

describe('a network', () => {
  let server;
  let gateway;
  before(async () => { server = await startAllInOne(); gateway = server.address.http; });
  after(() => server?.kill());

  // What stands between: lets HTTP through, event streams too, and cuts WebSockets off.
  async function startBlockingProxy(t) {
    const { hostname, port } = new URL(`http://${gateway}`);
    const proxy = http.createServer((request, response) => {
      const { method, url: path, headers } = request;
      const onward = http.request({ hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      response.on('close', () => onward.destroy());
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    proxy.cutOff = 0;
    proxy.on('upgrade', (request, socket) => {
      proxy.cutOff++;
      socket.destroy();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    return { proxy, address: `127.0.0.1:${proxy.address().port}` };
  }

  it('that blocks WebSockets is passed by an event stream', async (t) => {
    const { proxy, address } = await startBlockingProxy(t);
    const observer = await observe(t, gateway, 'blocked');
    const page = await openCounter(t, [address], { urlId: 'blocked' });
    await shows(page, 1);
    await observer.untilValue(1);
    const other = await openCounter(t, [gateway], { urlId: 'blocked' });
    await Promise.all([shows(page, 2), shows(other, 2)]);
    assert.equal(proxy.cutOff, 1, 'one WebSocket was tried');
  });

  it('that is gone leaves the number, and at once when it is back the client is', async (t) => {
    const relay = await Relay.start(gateway);
    t.after(() => relay.stop());
    const observer = await observe(t, gateway, 'offline');
    const page = await openCounter(t, [relay.address], { urlId: 'offline' });
    await shows(page, 1);
    await observer.untilValue(1);
    const context = page.context();
    await context.setOffline(true);
    relay.cut();
    relay.reset();
    await observer.untilValue(0, LOST_MS);
    const other = await openCounter(t, [gateway], { urlId: 'offline' });
    await shows(other, 1);
    assert.equal(await page.textContent('#here'), '1', 'the last number of before');
    const connected = connects(page, 3000);
    relay.heal();
    await context.setOffline(false);
    await connected;
    await Promise.all([shows(page, 2), shows(other, 2), observer.untilValue(2)]);
  });
});

describe('a gateway', () => {
  let cluster;
  before(async () => { cluster = await Cluster.start({ gateways: 2 }); });
  after(() => cluster?.kill());

  it('that is killed leaves the number, and the other takes over', async (t) => {
    const [, second] = cluster.hosts;
    const observer = await observe(t, second, 'killed');
    const page = await openCounter(t, cluster.hosts, { urlId: 'killed' });
    await shows(page, 1);
    const before = (await page.seen('here')).length;
    await cluster.gateways[0].kill();
    t.after(() => cluster.startGateway(0));
    await sleep(200);
    assert.equal(await page.textContent('#here'), '1');
    const other = await openCounter(t, [second], { urlId: 'killed' });
    await Promise.all([shows(page, 2), shows(other, 2), observer.untilValue(2, 20_000)]);
    assert.deepEqual((await page.seen('here')).slice(before), ['2']);
  });

  it('that is killed and comes back alone has its clients back', async (t) => {
    const [first] = cluster.hosts;
    const page = await openCounter(t, [first], { urlId: 'back' });
    await shows(page, 1);
    const before = (await page.seen('here')).length;
    await cluster.gateways[0].kill();
    await sleep(500);
    assert.equal(await page.textContent('#here'), '1');
    await cluster.startGateway(0);
    const other = await openCounter(t, [cluster.hosts[1]], { urlId: 'back' });
    await Promise.all([shows(page, 2), shows(other, 2)]);
    assert.deepEqual((await page.seen('here')).slice(before), ['2']);
  });
});
