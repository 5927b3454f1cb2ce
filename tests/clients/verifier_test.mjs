// livecounter-verifier as its callers and a customer meet it: a foreign gRPC client on one side, Node's own
// HTTP server on the other (contract §1, §4, §7).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeCertificate } from '../support/customer_server.mjs';
import { Code, GrpcPeer } from '../support/grpc.mjs';
import { get } from '../support/http.mjs';
import { Program, runToEnd, scratchFolder } from '../support/programs.mjs';

const SERVICE = 'livecounter.v1.VerifierService';
const KEY = 'customer-api-key';
const SECRET = Buffer.from('0123456789abcdef0123456789abcdef');
const TOKEN = 'an-edge-token-for-the-verifier-0123456789';
const COOKIE = 'session-cookie-of-somebody';

// A customer's server that keeps what it was asked.
class Customer {
  requests = [];

  async start() {
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => {
        this.requests.push({ headers: request.headers, body });
        const { pId } = JSON.parse(body);
        response.writeHead(pId === 'w-invalid' || pId.startsWith('bad') ? 401 : 200);
        response.end(KEY);
      });
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.uri = `http://127.0.0.1:${this.server.address().port}/verify`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function tokenFile(token = TOKEN) {
  const file = path.join(scratchFolder(), 'token');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

const startVerifier = (flags = []) => Program.start('livecounter-verifier',
  ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0', ...flags]);

describe('livecounter-verifier', () => {
  const customer = new Customer();
  let verifier;
  let peer;
  let service;
  const endpoint = () => ({ uri: customer.uri, api_keys: [KEY], signing_secret: `whsec_${SECRET.toString('base64')}` });
  const question = (presenceId) => ({ product: 'accounts/a/products/p', presence_id: presenceId, endpoint: endpoint() });
  const verify = (presenceId, client = service) => client.call('VerifyUser', question(presenceId));

  before(async () => {
    await customer.start();
    verifier = await startVerifier([`--edge_token_file=${tokenFile()}`,
      '--verifier_allow_private_networks=127.0.0.0/8']);
    peer = new GrpcPeer(verifier.address.grpc, TOKEN);
    service = await peer.service(SERVICE);
  });
  after(async () => {
    peer?.close();
    await verifier?.kill();
    customer.stop();
  });

  it('says what the customer says, and asks once', async () => {
    assert.equal((await verify('good')).verdict, 'VALID');
    assert.equal((await verify('bad')).verdict, 'INVALID');
    const again = await verify('good');
    assert.equal(again.verdict, 'VALID');
    assert.ok(again.ask_again_after.seconds > 200 && again.ask_again_after.seconds <= 330);
    assert.deepEqual(customer.requests.map(({ body }) => body), ['{"pId":"good"}', '{"pId":"bad"}']);
  });

  it('signs its calls so that a customer can tell them from others', async () => {
    await verify('signed');
    const { headers, body } = customer.requests.at(-1);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    assert.ok(Math.abs(headers['webhook-timestamp'] - Date.now() / 1000) < 60);
  });

  it('tests an endpoint: ownership first, then twice 500 calls', async () => {
    const from = customer.requests.length;
    const told = [];
    const request = { product: 'accounts/a/products/p', endpoint: endpoint() };
    for await (const progress of service.stream('ProbeEndpoint', request)) told.push(progress);
    const last = told.at(-1);
    assert.ok(last.done && last.passed, last.reason);
    assert.deepEqual([...new Set(told.map(({ step }) => step))],
      ['OWNERSHIP_INVALID', 'OWNERSHIP_VALID', 'LOAD_INVALID', 'LOAD_VALID', 'SUMMARY']);
    assert.equal(customer.requests.length - from, 1002);
    assert.equal(last.latency.buckets.reduce((sum, { calls }) => sum + calls, 0), 1000);
  });

  it('sends 500 calls that are really there at the same time, over HTTPS', async (t) => {
    const folder = scratchFolder();
    const certificate = makeCertificate(folder);
    const held = []; // answers nobody until all 500 have asked
    const asked = new Set();
    const patient = https.createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { pId } = JSON.parse(body);
      const reply = () => response.writeHead(pId === 'w-invalid' ? 401 : 200).end(KEY);
      if (!asked.has(pId)) {
        asked.add(pId); // whose endpoint it is
        return reply();
      }
      held.push(reply);
      if (held.length === 500) held.splice(0).forEach((each) => each());
    }).listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
    await once(patient, 'listening');
    const careful = await startVerifier([`--edge_token_file=${tokenFile()}`, '--verifier_allow_private_networks=127.0.0.0/8',
      `--verifier_ca_file=${certificate.cert}`]);
    const caller = new GrpcPeer(careful.address.grpc, TOKEN);
    t.after(async () => {
      caller.close();
      await careful.kill();
      patient.closeAllConnections();
      patient.close();
    });
    const uri = `https://127.0.0.1:${patient.address().port}/verify`;
    const told = await (await caller.service(SERVICE))
      .stream('ProbeEndpoint', { product: 'accounts/a/products/p', endpoint: { ...endpoint(), uri } }).toArray();
    assert.ok(told.at(-1).passed, told.at(-1).reason);
    const loads = told.filter(({ step, step_done: isOver }) => isOver && step.startsWith('LOAD'));
    assert.deepEqual(loads.map(({ step, answered }) => [step, answered]), [['LOAD_INVALID', 500], ['LOAD_VALID', 500]]);
    assert.equal(held.length, 0);
  });

  it('lets in nobody without the token', async () => {
    const stranger = new GrpcPeer(verifier.address.grpc);
    const strange = await stranger.service(SERVICE);
    await assert.rejects(verify('x', strange), { code: Code.UNAUTHENTICATED });
    stranger.close();
  });

  it('shows its metrics, and nobody in them or in its log', async () => {
    await verify(COOKIE);
    const { text: metrics } = await get(verifier.address.metrics, '/metrics');
    for (const name of ['livecounter_verifier_verdicts_total{verdict="valid"}', 'livecounter_verifier_call_seconds_count',
      'livecounter_verifier_open_breakers 0', 'grpc_server_handled_total']) {
      assert.ok(metrics.includes(name), name);
    }
    for (const text of [metrics, verifier.stderr]) {
      for (const secret of [COOKIE, KEY, TOKEN, 'products/p', 'whsec_']) assert.ok(!text.includes(secret), secret);
    }
  });

  it('is alive and ready, and ends on SIGTERM with 0', async () => {
    const other = await startVerifier();
    assert.equal((await get(other.address.metrics, '/readyz')).status, 200);
    assert.equal((await get(other.address.metrics, '/healthz')).status, 200);
    assert.equal(await other.stop(), 0);
    assert.match(other.stdout, /^ready grpc=127\.0\.0\.1:\d+ metrics=127\.0\.0\.1:\d+\n$/);
  });

  it('refuses private addresses unless they are named', async (t) => {
    const careful = await startVerifier();
    t.after(() => careful.kill());
    const other = new GrpcPeer(careful.address.grpc);
    const before = customer.requests.length;
    assert.equal((await verify('x', await other.service(SERVICE))).verdict, 'INDETERMINATE');
    assert.equal(customer.requests.length, before);
    other.close();
  });

  it('without a token serves this machine only', async () => {
    const { code, stderr } = await runToEnd('livecounter-verifier', ['--grpc_listen=0.0.0.0:0']);
    assert.equal(code, 2);
    assert.match(stderr, /--grpc_listen.*--edge_token_file.*--grpc_tls_client_ca/);
    const known = await runToEnd('livecounter-verifier', ['--grpc_listen=0.0.0.0:0', '--metrics_listen=127.0.0.1:0',
      `--edge_token_file=${tokenFile()}`, '--check_config']);
    assert.equal(known.code, 0, known.stderr);
  });
});
