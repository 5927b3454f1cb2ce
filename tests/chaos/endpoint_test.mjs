// Customers' servers that hang, answer badly or dribble (contract §4): nobody counts for it and nobody is counted
// out, every number goes on as ever, and a flood of users costs the verifier a bounded amount of memory.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../support/customer_server.mjs';
import { GrpcPeer } from '../support/grpc.mjs';
import { get, post } from '../support/http.mjs';
import { hasAddressSanitizer, rssBytes } from '../support/process_stats.mjs';
import { Cluster, Program, scratchFolder } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { MISDEEDS, MisbehavingCustomer } from './misbehaving_customer.mjs';

const LATEST_MS = 250;
const CROWD = 300; // who come while it misbehaves, and count when it is good again
const BAD_CERTIFICATE = 'shows a bad certificate';
// Distinct users; half of them while nobody answers.
const FLOOD = Number(process.env.LIVECOUNTER_CHAOS_FLOOD ?? 50_000);
const AT_A_TIME = 4000;
const MAX_GROWTH_BYTES = 160 << 20;

describe('a customer\'s server that misbehaves', { timeout: 900_000 }, () => {
  const folder = scratchFolder();
  const certificate = makeCertificate(folder);
  const untrusted = makeCertificate(mkdtempSync(path.join(folder, 'untrusted-')));
  let verifier;
  let cluster;
  let peer;
  let admin;
  let products = 0;

  before(async () => {
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      '--verifier_allow_private_networks=127.0.0.0/8', `--verifier_ca_file=${certificate.cert}`]);
    const flags = [`--verifier=${verifier.address.grpc}`];
    cluster = await Cluster.start({ gateways: 1, counterdFlags: flags, gatewayFlags: flags });
    peer = new GrpcPeer(cluster.grpc, cluster.adminToken());
    admin = await peer.service('livecounter.v1.AdminService');
  });
  after(async () => {
    peer?.close();
    await cluster?.kill();
    await verifier?.kill();
  });

  // A product whose customer has passed the test, and behaves so far: { key, customer }.
  async function makeVerifiedProduct(t, ownCertificate) {
    const id = `p${++products}`;
    const account = await admin.call('CreateAccount', { account_id: id, account: { email: `${id}@shop.example` } });
    await admin.call('ActivateAccount', { name: account.name });
    const { name } = await admin.call('CreateProduct', {
      parent: account.name, product_id: id, product: { allowed_origins: ['*'], auto_create_counters: true },
    });
    const { key } = await admin.call('CreateApiKey', { parent: name });
    const customer = await MisbehavingCustomer.start(key, ownCertificate);
    t.after(() => customer.stop());
    const told = await admin.stream('SaveVerification', { name, verification: { endpoint_uri: customer.uri, enabled: true } }).toArray();
    assert.ok(told.at(-1).passed, told.at(-1).reason);
    await until(async () => (await post(cluster.hosts[0], `/counters/hits/?key=${key}`)).status === 200, 3000, 'the key is known');
    return { name, key, customer };
  }

  function measureUpdates(key) {
    const child = fork(fileURLToPath(new URL('update_delays.mjs', import.meta.url)), [JSON.stringify({ host: cluster.hosts[0], counter: 'hits', key })]);
    return async () => {
      const told = once(child, 'message');
      child.send('stop');
      const [{ delays }] = await told;
      return delays.sort((a, b) => a - b);
    };
  }

  for (const misdeed of [...Object.keys(MISDEEDS), BAD_CERTIFICATE]) {
    it(`and ${misdeed}: nobody is counted for it, and no update is late`, async (t) => {
      const { key, customer } = await makeVerifiedProduct(t, misdeed === BAD_CERTIFICATE ? certificate : undefined);
      const join = (pId, i) => new Socket(cluster.hosts[0], subPath({ urlId: 'page', key, pId, i }));
      const sockets = [await join('observer', 'f').opened(), await join('early').opened()];
      t.after(() => sockets.forEach(({ ws }) => ws.terminate()));
      const [observer] = sockets;
      await observer.untilValue(1);

      if (misdeed === BAD_CERTIFICATE) customer.showCertificate(untrusted);
      else customer.misdeed = misdeed;
      const before = customer.calls;
      const stopMeasuring = measureUpdates(key);
      for (let i = 0; i < CROWD; i++) {
        sockets.push(join(`late ${i}`));
        if (i % 10 === 9) await sleep(20);
      }
      await Promise.all(sockets.map((socket) => socket.opened()));
      await Promise.all(sockets.map((socket) => until(() => socket.values.length, 5000, 'everybody watches')));
      await sleep(4000); // a call's three seconds, and one more
      const delays = await stopMeasuring();
      assert.deepEqual([...new Set(observer.values)].filter((value) => value > 1), [], 'nobody counts without a verdict');
      assert.equal(observer.value, 1, 'who counted goes on to');
      if (misdeed !== BAD_CERTIFICATE) assert.ok(customer.calls > before, 'it was asked');
      const fact = `${delays.length} updates, the median ${delays[delays.length >> 1].toFixed(1)} ms late, the last ${delays.at(-1).toFixed(1)} ms`;
      console.log(`${misdeed}: ${fact}`);
      assert.ok(delays.length > 20 && delays.at(-1) <= LATEST_MS, fact);

      if (misdeed !== 'hangs') return;
      customer.misdeed = undefined;
      await observer.untilValue(CROWD + 1, 90_000);
    });
  }

  it('costs the verifier a bounded amount of memory, however many users are asked about', async (t) => {
    const { name, customer, key } = await makeVerifiedProduct(t);
    if (hasAddressSanitizer(verifier.pid)) return t.skip('AddressSanitizer keeps what was freed');
    const direct = new GrpcPeer(verifier.address.grpc);
    t.after(() => direct.close());
    const service = await direct.service('livecounter.v1.VerifierService');
    const endpoint = { uri: customer.uri, api_keys: [key], signing_secret: `whsec_${Buffer.alloc(32).toString('base64')}` };
    const ask = (user) => service.call('VerifyUser', { product: name, presence_id: user, endpoint }, { deadlineMs: 30_000 })
      .then(({ verdict }) => verdict, ({ code }) => code);
    const askMany = async (count, prefix) => {
      const answers = new Map();
      let next = 0;
      await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
        while (next < count) {
          const answer = await ask(`${prefix} ${next++}`);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
      }));
      return Object.fromEntries(answers);
    };

    await askMany(2 * AT_A_TIME, 'warm');
    const before = rssBytes(verifier.pid);
    let highest = before;
    const watching = setInterval(() => { highest = Math.max(highest, rssBytes(verifier.pid)); }, 50);
    t.after(() => clearInterval(watching));
    const good = await askMany(FLOOD / 2, 'good');
    customer.misdeed = 'hangs';
    const bad = await askMany(FLOOD / 2, 'bad');
    const { text } = await get(verifier.address.metrics, '/metrics');
    const grown = (highest - before) / (1 << 20);
    console.log(`${FLOOD} users: ${JSON.stringify({ good, bad })}, ${Math.round(before / (1 << 20))} MiB and at most ${grown.toFixed(1)} more`);
    // On a busy machine even a good server is not always in time; nobody is told an error for it.
    assert.equal((good.VALID ?? 0) + (good.INDETERMINATE ?? 0), FLOOD / 2);
    assert.ok(good.VALID > 0, 'it was asked');
    assert.equal(bad.INDETERMINATE, FLOOD / 2);
    assert.match(text, /^livecounter_verifier_waiting_asks 0$/m);
    assert.ok(highest - before <= MAX_GROWTH_BYTES, `${grown} MiB`);
  });
});
