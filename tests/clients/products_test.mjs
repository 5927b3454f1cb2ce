// One counterd and two gateways: what changes of products do to clients at once, bounds of products over both
// gateways, example data, and what is billed after kill -9 (contract §3, §5).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { GrpcPeer } from '../support/grpc.mjs';
import { post } from '../support/http.mjs';
import { Cluster } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until, within } from '../support/wait.mjs';

describe('products over two gateways', () => {
  let cluster;
  let a;
  let b;
  let peer;
  let admin;
  let products = 0;

  before(async () => {
    cluster = await Cluster.start();
    [a, b] = cluster.hosts;
    peer = new GrpcPeer(cluster.grpc, cluster.adminToken());
    admin = await peer.service('livecounter.v1.AdminService');
  });
  after(() => {
    peer?.close();
    return cluster?.kill();
  });

  // A new product of an account of its own, known to both gateways: { account, product, key }.
  async function makeProduct(settings = {}) {
    const id = `p${++products}`;
    const account = await admin.call('CreateAccount', { account_id: id, account: { email: `${id}@shop.example` } });
    await admin.call('ActivateAccount', { name: account.name });
    const product = await admin.call('CreateProduct', {
      parent: account.name, product_id: id, product: { allowed_origins: ['*'], ...settings },
    });
    const key = await admin.call('CreateApiKey', { parent: product.name });
    for (const base of [a, b]) await untilKnown(base, key.key);
    return { account: account.name, product: product.name, key };
  }
  // /counters/ of an unknown key is 404 with another reason, and no connection that would be billed.
  const untilKnown = (base, key) => until(async () => {
    const answer = await post(base, `/counters/none/?key=${key}`);
    return !answer.text.includes('no API key');
  }, 2000, 'the key is known');

  const join = (base, key, pId = 'me', urlId = 'page') => new Socket(base, subPath({ urlId, key, pId }));

  it('close the connections of a revoked key within a second', async (t) => {
    const { key } = await makeProduct();
    const sockets = await Promise.all([join(a, key.key).opened(), join(b, key.key).opened()]);
    const stream = await EventStream.open(a, subPath({ key: key.key }));
    t.after(() => stream.close());
    await admin.call('RevokeApiKey', { name: key.name });
    const closes = await within(1000, Promise.all(sockets.map(({ closed }) => closed)), 'closed');
    for (const { code, reason } of closes) assert.deepEqual([code, reason], [1008, 'key revoked']);
    const refused = join(a, key.key);
    assert.equal((await refused.refused()).status, 401);
  });

  it('show example data to a deactivated account, the same on both, and its numbers when it is active again', { timeout: 90_000 }, async (t) => {
    const { account, key } = await makeProduct();
    // Of whose example data none is 2, at any time of the day: a number that stays is not sent again.
    const urlId = 'station';
    const sockets = await Promise.all([join(a, key.key, 'one', urlId).opened(), join(b, key.key, 'two', urlId).opened()]);
    t.after(() => sockets.forEach((socket) => socket.ws.terminate()));
    await Promise.all(sockets.map((socket) => socket.untilValue(2)));
    const before = sockets.map(({ messages }) => messages.length);
    // A heartbeat repeats the number.
    const shown = () => sockets.map(({ values }, i) => values.slice(before[i]).filter((value, n, all) => value !== all[n - 1]));
    await admin.call('DeactivateAccount', { name: account });
    await until(() => shown().every(({ length }) => length >= 1), 1500, 'example data');
    await until(() => shown().every(({ length }) => length >= 3), 60_000, () => `it moves: ${JSON.stringify(shown())}`);
    const [first, second] = shown();
    const length = Math.min(first.length, second.length);
    assert.deepEqual(first.slice(0, length), second.slice(0, length));
    await admin.call('ActivateAccount', { name: account });
    await Promise.all(sockets.map((socket) => socket.untilValue(2, 1500)));
    for (const socket of sockets) assert.equal(socket.ws.readyState, 1);
  });

  it('hold the bound of connections of a product together', async (t) => {
    const { key } = await makeProduct({ limits: { max_connections: 4 } });
    const sockets = [];
    t.after(() => sockets.forEach((socket) => socket.ws.terminate()));
    for (const base of [a, a, b]) sockets.push(await join(base, key.key).opened());
    await sleep(1000);
    sockets.push(await join(b, key.key).opened());
    await sleep(1000);
    for (const base of [a, b]) {
      const { status, headers } = await join(base, key.key).refused();
      assert.equal(status, 429);
      assert.ok(Number(headers['retry-after']) >= 1);
    }
    await sockets[0].close();
    await sleep(1000);
    sockets.push(await join(b, key.key).opened());
  });

  it('bill every connection once, whatever becomes of counterd', { timeout: 60_000 }, async () => {
    const { product, key } = await makeProduct();
    let accepted = 0;
    for (let cycle = 0; cycle < 5; cycle++) {
      const opened = Promise.all(Array.from({ length: 40 }, async (_, i) => {
        await sleep(i * 10);
        const socket = await join(i % 2 ? a : b, key.key, `user${i}`).opened();
        accepted += 1;
        await socket.lose();
      }));
      await sleep(50 + Math.random() * 300);
      await cluster.counterd.kill();
      await cluster.startCounterd();
      await opened;
    }
    const again = await peer.service('livecounter.v1.AdminService');
    const hour = 3600 * Math.floor(Date.now() / 3_600_000);
    const billed = async () => {
      const { points } = await again.call('GetUsage', {
        name: product, start_time: { seconds: hour - 3600 }, end_time: { seconds: hour + 7200 },
      });
      return points.reduce((sum, point) => sum + point.connections, 0);
    };
    await until(async () => await billed() >= accepted, 5000, 'all are billed');
    await sleep(1500);
    assert.equal(await billed(), accepted);
  });
});
