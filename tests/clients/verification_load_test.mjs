// Verification switched on and off while people come and go (contract §4): who may count is in every number all
// the time, nobody is in one who is not here, and each number ends where it should.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { GrpcPeer } from '../support/grpc.mjs';
import { Cluster, Program } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';
const KNOWN = 150;
const STRANGERS = 50;
const PASSERS_BY = 8;
// All who are present are asked about within five seconds.
const SETTLED_MS = 10_000;

describe('verification under load', () => {
  const sockets = [];
  let customer;
  let verifier;
  let cluster;
  let peer;
  let admin;
  let isOver = false;

  before(async () => {
    customer = http.createServer(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      await sleep(20);
      response.writeHead(/invalid|stranger/.test(JSON.parse(body).pId) ? 401 : 200);
      response.end('demo');
    }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer, 'listening');
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      '--verifier_allow_private_networks=127.0.0.0/8']);
    const flags = [`--verifier=${verifier.address.grpc}`];
    cluster = await Cluster.start({ gateways: 2, counterdFlags: flags, gatewayFlags: flags });
    peer = new GrpcPeer(cluster.grpc, cluster.adminToken());
    admin = await peer.service('livecounter.v1.AdminService');
  });
  after(async () => {
    isOver = true;
    sockets.forEach(({ ws }) => ws.terminate());
    peer?.close();
    customer?.closeAllConnections();
    customer?.close();
    await cluster?.kill();
    await verifier?.kill();
  });

  const join = (pId, { i, gateway = 0 } = {}) => new Socket(cluster.hosts[gateway % 2], subPath({ pId, i })).opened();
  const joinAll = (count, name) => Promise.all(Array.from({ length: count }, (_, n) => join(`${name} ${n}`, { gateway: n })));

  // Known people and strangers who stay a moment, until the test is over.
  async function passBy(n) {
    while (!isOver) {
      const socket = await join(`${n % 2 ? 'stranger' : 'known'} passing ${n}`, { gateway: n });
      await sleep(100 + 300 * Math.random());
      await socket.close();
      await sleep(200 * Math.random());
    }
  }

  const switchTo = (enabled) => admin.call('UpdateProduct', {
    product: { name: PRODUCT, verification: { endpoint_uri: '', enabled } }, update_mask: { paths: ['verification.enabled'] },
  });

  it('counts whom it should, whatever is switched', { timeout: 60_000 }, async () => {
    sockets.push(...await joinAll(KNOWN, 'known'), ...await joinAll(STRANGERS, 'stranger'));
    const observers = await Promise.all([0, 1].map((gateway) => join('observer', { i: 'f', gateway })));
    sockets.push(...observers);
    await Promise.all(observers.map((observer) => observer.untilValue(KNOWN + STRANGERS)));
    const from = observers.map(({ values }) => values.length);
    const passing = Array.from({ length: PASSERS_BY }, (_, n) => passBy(n));

    // With those who pass by, of whom half are strangers.
    const isBetween = (low, high) => observers.every(({ value }) => value >= low && value <= high);
    const ends = (low, what) => until(() => isBetween(low, low + PASSERS_BY), SETTLED_MS, () => `${what}: ${observers.map(({ value }) => value)}`);
    const endpoint_uri = `http://127.0.0.1:${customer.address().port}/verify`;
    const told = await admin.stream('SaveVerification', { name: PRODUCT, verification: { endpoint_uri, enabled: true } }).toArray();
    assert.ok(told.at(-1).passed, told.at(-1).reason);
    await ends(KNOWN, 'switched on, the known count');
    await switchTo(false);
    await ends(KNOWN + STRANGERS, 'switched off, all count');
    await switchTo(true);
    await ends(KNOWN, 'switched on again, the known count');

    isOver = true;
    await Promise.all(passing);
    observers.forEach(({ values }, i) => {
      const seen = values.slice(from[i]);
      assert.ok(Math.min(...seen) >= KNOWN, `${KNOWN} were known and here, and ${Math.min(...seen)} were shown`);
      assert.ok(Math.max(...seen) <= KNOWN + STRANGERS + PASSERS_BY, `${Math.max(...seen)} were shown`);
    });
    await Promise.all(observers.map((observer) => observer.untilValue(KNOWN)));
  });
});
