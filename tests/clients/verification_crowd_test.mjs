// A crowd that comes at once to a product with verification (contract §4): one call of the customer for each user
// however many tabs and gateways, never more than 500 at a time, and all counted right.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GrpcPeer } from '../support/grpc.mjs';
import { Cluster, Program } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';
const JOINS = 15_000;
const USERS = 5_000; // each with three tabs, at both gateways
const MOST_CALLS = 500;
const ANSWER_MS = 50;
const CONNECTING_AT_A_TIME = 500;

const isGood = (user) => user % 5 !== 0;
const GOOD = Array.from({ length: USERS }, (_, user) => user).filter(isGood).length;

const OPCODE_PING = 9;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

// A tab: connected first, and joined when it is told, so that thousands join in the same moment.
class Tab {
  isLetIn = false;
  isClosed = false;

  constructor(host, path) {
    const { hostname, port } = new URL(`http://${host}`);
    this.path = path;
    this.socket = net.connect(Number(port), hostname);
    this.socket.on('error', () => {});
    this.socket.on('close', () => { this.isClosed = true; });
    this.socket.on('data', (data) => this.#take(data));
  }

  connected() {
    return once(this.socket, 'connect');
  }

  join() {
    this.socket.write(`GET ${this.path} HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
      + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
  }

  #take(data) {
    if (!this.isLetIn) this.isLetIn = data.toString('latin1', 0, 12) === 'HTTP/1.1 101';
    else if ((data[0] & 0x0f) === OPCODE_PING) this.socket.write(PONG);
  }
}

describe('fifteen thousand joins at once', () => {
  const tabs = [];
  const observers = [];
  let customer;
  let verifier;
  let cluster;
  let peer;

  const counted = async () => {
    const told = once(customer, 'message');
    customer.send('count');
    return (await told)[0];
  };

  before(async () => {
    customer = fork(fileURLToPath(new URL('counting_customer.mjs', import.meta.url)), [JSON.stringify({ key: 'demo', delayMs: ANSWER_MS })]);
    const [{ uri }] = await once(customer, 'message');
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      '--verifier_allow_private_networks=127.0.0.0/8']);
    const flags = [`--verifier=${verifier.address.grpc}`];
    cluster = await Cluster.start({ gateways: 2, counterdFlags: flags, gatewayFlags: flags });
    peer = new GrpcPeer(cluster.grpc, cluster.adminToken());
    const admin = await peer.service('livecounter.v1.AdminService');
    const told = await admin.stream('SaveVerification', { name: PRODUCT, verification: { endpoint_uri: uri, enabled: true } }).toArray();
    assert.ok(told.at(-1).passed, told.at(-1).reason);
  });
  after(async () => {
    tabs.forEach(({ socket }) => socket.destroy());
    observers.forEach(({ ws }) => ws.terminate());
    peer?.close();
    customer?.kill();
    await cluster?.kill();
    await verifier?.kill();
  });

  async function connectAll() {
    for (let n = 0; n < JOINS; n++) {
      const user = n % USERS;
      const gateway = (user + Math.floor(n / USERS)) % 2;
      tabs.push(new Tab(cluster.hosts[gateway], subPath({ pId: `${isGood(user) ? 'good' : 'bad'} ${user}` })));
      if (tabs.length % CONNECTING_AT_A_TIME === 0) {
        await Promise.all(tabs.slice(-CONNECTING_AT_A_TIME).map((tab) => tab.connected()));
      }
    }
  }

  it('are 5,000 calls, never more than 500 of them at a time, and everybody is counted right', { timeout: 90_000 }, async (t) => {
    for (const host of cluster.hosts) observers.push(await new Socket(host, subPath({ i: 'f', pId: 'observer' })).opened());
    await connectAll();
    await counted(); // the test of the endpoint is forgotten
    const start = performance.now();
    tabs.forEach((tab) => tab.join());
    const missing = () => tabs.filter(({ isLetIn }) => !isLetIn).length;
    await until(() => missing() === 0, 60_000, () => `all watch; ${missing()} do not`);
    const letIn = performance.now();
    await Promise.all(observers.map((observer) => observer.untilValue(GOOD, 60_000)));
    const right = performance.now();
    await sleep(2000); // nothing comes after it
    const { calls, users, peak } = await counted();
    t.diagnostic(`all watched after ${Math.round(letIn - start)} ms and were counted after ${Math.round(right - start)} ms; `
      + `${calls} calls for ${users} users, ${peak} at a time`);

    assert.deepEqual({ calls, users }, { calls: USERS, users: USERS });
    assert.ok(peak <= MOST_CALLS, `${peak} calls at a time`);
    assert.ok(peak > MOST_CALLS / 5, `it was no crowd: ${peak} calls at a time`);
    for (const { values } of observers) {
      assert.equal(values.at(-1), GOOD);
      assert.ok(Math.max(...values) <= GOOD, `${Math.max(...values)} were shown`);
    }
    assert.equal(tabs.filter(({ isClosed }) => isClosed).length, 0, 'all stayed');
  });
});
