// A product with verification, from its page to the customer's own server: everybody watches at once, and those
// count whom the customer knows (contract §4).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GrpcPeer } from '../support/grpc.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';

describe('a product with verification', () => {
  const folder = scratchFolder();
  const asked = new Map(); // pId → times
  let customer;
  let server;
  let peer;
  let admin;

  before(async () => {
    customer = http.createServer(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const { pId } = JSON.parse(body);
      asked.set(pId, (asked.get(pId) ?? 0) + 1);
      response.writeHead(/invalid|stranger/.test(pId) ? 401 : 200);
      response.end('demo');
    }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer, 'listening');
    server = await startAllInOne({ folder, flags: ['--verifier_allow_private_networks=127.0.0.0/8'] });
    peer = new GrpcPeer(server.address.grpc, readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim());
    admin = await peer.service('livecounter.v1.AdminService');
  });
  after(async () => {
    peer?.close();
    customer?.closeAllConnections();
    customer?.close();
    await server?.kill();
  });

  const join = (pId, i) => new Socket(server.address.http, subPath({ pId, i })).opened();

  it('asks for all who are present, who count until the customer says otherwise; then for those who come', { timeout: 60_000 }, async (t) => {
    const observer = await join('observer', 'f');
    const early = [await join('ann'), await join('early-stranger')];
    const sockets = [observer, ...early];
    t.after(() => sockets.forEach(({ ws }) => ws.terminate()));
    await observer.untilValue(2);
    const endpoint_uri = `http://127.0.0.1:${customer.address().port}/verify`;
    const progress = await admin.stream('SaveVerification', { name: PRODUCT, verification: { endpoint_uri, enabled: true } }).toArray();
    assert.equal(progress.at(-1).passed, true, progress.at(-1).reason);
    await observer.untilValue(1, 10_000);
    assert.ok(observer.values.every((value) => value >= 0 && value <= 2));

    sockets.push(...await Promise.all(['bob', 'bob', 'bob', 'late-stranger'].map((pId) => join(pId))));
    await observer.untilValue(2);
    await sleep(1000);
    assert.equal(observer.value, 2);
    for (const socket of sockets) assert.equal(socket.value, 2, 'everybody watches');
    for (const pId of ['bob', 'early-stranger', 'late-stranger']) assert.equal(asked.get(pId), 1, pId);
    await until(() => asked.get('ann') === 1, 10_000, 'ann is asked about, in her turn');

    await admin.call('UpdateProduct', { product: { name: PRODUCT, verification: { endpoint_uri, enabled: false } }, update_mask: { paths: ['verification.enabled'] } });
    await observer.untilValue(4);
  });
});
