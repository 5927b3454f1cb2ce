// AdminService as a foreign gRPC client meets it: by reflection, with the operator's token and with sessions of
// accounts (contract §5); its effect on a gateway; and a customer's endpoint tested and saved (§4).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Code, GrpcPeer } from '../support/grpc.mjs';
import { request } from '../support/http.mjs';
import { Program, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';

const SERVICE = 'livecounter.v1.AdminService';
const PASSWORD = 'correct horse battery';

const rejectsWith = (code, message) => (error) => {
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.details, message);
  return true;
};
const readToken = (file) => readFileSync(file, 'utf8').trim();

// A POST that creates, or not: who is the product's tells by the status.
const hit = (base, id, key) => request(base, `/counters/${id}/?key=${key}`, { method: 'POST' });

describe('AdminService', () => {
  const folder = scratchFolder();
  const tokenFile = path.join(folder, 'data', 'admin-token');
  const peers = [];
  let server;
  let operator;

  const connect = async (token) => {
    const peer = new GrpcPeer(server.address.grpc, token);
    peers.push(peer);
    return peer.service(SERVICE);
  };
  before(async () => {
    server = await startAllInOne({ folder });
    operator = await connect(readToken(tokenFile));
  });
  after(() => {
    for (const peer of peers) peer.close();
    return server?.kill();
  });

  it('is listed by reflection, for everybody', async () => {
    assert.ok((await peers[0].listServices()).includes(SERVICE));
  });

  it('tells the operator and a stranger apart', async () => {
    assert.deepEqual(await operator.call('GetSession', {}), { token: '', expire_time: null, account: '', operator: true });
    const stranger = await connect();
    await assert.rejects(stranger.call('GetSession', {}), rejectsWith(Code.UNAUTHENTICATED));
  });

  it('tells operators of its gateways', async () => {
    const status = await operator.call('GetSystemStatus', {});
    assert.equal(status.recovering, false);
    assert.equal(status.audit_mismatches, 0);
    assert.ok(status.epoch > 0 && status.version);
    assert.deepEqual(status.sessions.map(({ state, stream }) => [state, stream]), [['ATTACHED', 1]]);
    assert.match(status.sessions[0].holder, /^[0-9a-f]{32}$/);
  });

  it('errors carry google.rpc.ErrorInfo of the domain livecounter', async () => {
    await assert.rejects(operator.call('GetAccount', { name: 'accounts/nobody' }), (error) => {
      const details = error.metadata.get('grpc-status-details-bin')[0].toString('latin1');
      assert.match(details, /google\.rpc\.ErrorInfo/);
      assert.match(details, /RESOURCE_NOT_FOUND/);
      assert.match(details, /livecounter/);
      assert.match(details, /accounts\/nobody/);
      return true;
    });
  });

  it('goes with a customer from the sign-up to the first hit, and to the end', async () => {
    const stranger = await connect();
    const email = 'ann@shop.example';
    const session = await stranger.call('SignUp', { email, password: PASSWORD, display_name: 'Ann' }, { deadlineMs: 20_000 });
    await assert.rejects(stranger.call('SignUp', { email: 'ANN@shop.example', password: PASSWORD }, { deadlineMs: 20_000 }),
      rejectsWith(Code.ALREADY_EXISTS));
    const ann = await connect(session.token);
    const account = await ann.call('GetAccount', { name: session.account });
    assert.equal(account.state, 'INACTIVE');
    await assert.rejects(ann.call('ActivateAccount', { name: account.name }), rejectsWith(Code.PERMISSION_DENIED));
    assert.equal((await operator.call('ActivateAccount', { name: account.name })).state, 'ACTIVE');

    const product = await ann.call('CreateProduct', {
      parent: account.name, product_id: 'site', request_id: 'once', product: { allowed_origins: ['*'], auto_create_counters: true },
    });
    assert.equal(product.name, `${account.name}/products/site`);
    const key = await ann.call('CreateApiKey', { parent: product.name });
    await until(async () => (await hit(server.address.http, 'visits', key.key)).status === 200, 'the gateway knows the key');
    const counters = await peers.at(-1).service('livecounter.v1.CounterService');
    assert.equal((await counters.call('GetCounter', { name: `${product.name}/counters/visits` })).hits, 1);
    await assert.rejects(counters.call('GetCounter', { name: 'accounts/demo/products/demo/counters/1' }),
      rejectsWith(Code.NOT_FOUND));

    await assert.rejects(ann.call('UpdateProduct', { product: { ...product, etag: 'old' }, update_mask: { paths: ['display_name'] } }),
      rejectsWith(Code.ABORTED));
    await assert.rejects(ann.call('UpdateProduct', { product: { name: product.name }, update_mask: { paths: ['colour'] } }),
      rejectsWith(Code.INVALID_ARGUMENT, /limits\.max_connections/));
    const changed = await ann.call('UpdateProduct', {
      product: { name: product.name, limits: { max_connections: 5 } }, update_mask: { paths: ['limits.max_connections'] },
    });
    assert.equal(changed.limits.max_connections, 5);
    assert.equal(changed.auto_create_counters, true);

    await ann.call('RevokeApiKey', { name: key.name });
    await until(async () => (await hit(server.address.http, 'visits', key.key)).status === 404, 'the gateway forgets the key');
    await ann.call('DeleteProduct', { name: product.name });
    await assert.rejects(ann.call('GetProduct', { name: product.name }), rejectsWith(Code.NOT_FOUND));
    await ann.call('SignOut', {});
    await assert.rejects(ann.call('GetSession', {}), rejectsWith(Code.UNAUTHENTICATED));
    await operator.call('DeleteAccount', { name: account.name });
  });

  it('gives sessions that verifiers do not take, as they take the operator', async () => {
    const name = 'livecounter.v1.VerifierService';
    assert.ok(!(await peers[0].listServices()).includes(name), 'it is not served where customers call');
    const verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      `--admin_token_file=${tokenFile}`, '--verifier_allow_private_networks=127.0.0.0/8']);
    try {
      const session = await (await connect()).call('SignUp', { email: 'mallory@shop.example', password: PASSWORD }, { deadlineMs: 20_000 });
      const endpoint = { uri: 'http://127.0.0.1:1/verify', api_keys: ['k'], signing_secret: `whsec_${Buffer.alloc(32).toString('base64')}` };
      const own = { product: `${session.account}/products/site`, endpoint };
      const service = (token) => {
        const peer = new GrpcPeer(verifier.address.grpc, token);
        peers.push(peer);
        return peer.service(name);
      };
      const eve = await service(session.token);
      await assert.rejects(eve.call('VerifyUser', { ...own, presence_id: 'x' }), rejectsWith(Code.UNAUTHENTICATED));
      await assert.rejects(eve.stream('ProbeEndpoint', own).toArray(), rejectsWith(Code.UNAUTHENTICATED));
      const trusted = await service(readToken(tokenFile));
      assert.equal((await trusted.call('VerifyUser', { ...own, presence_id: 'x' })).verdict, 'INDETERMINATE');
    } finally {
      await verifier.kill();
    }
  });

  it('keeps accounts, keys and sessions over kill -9', async () => {
    const stranger = await connect();
    const session = await stranger.call('SignUp', { email: 'bob@shop.example', password: PASSWORD }, { deadlineMs: 20_000 });
    const bob = await connect(session.token);
    const product = await bob.call('CreateProduct', { parent: session.account });
    const key = await bob.call('CreateApiKey', { parent: product.name });
    await server.kill();
    server = await startAllInOne({ folder });
    operator = await connect(readToken(tokenFile));
    const again = await connect(session.token);
    assert.deepEqual(await again.call('GetProduct', { name: product.name }), product);
    assert.deepEqual((await again.call('ListApiKeys', { parent: product.name })).api_keys, [key]);
    const signedIn = await again.call('SignIn', { email: 'bob@shop.example', password: PASSWORD }, { deadlineMs: 20_000 });
    assert.equal(signedIn.account, session.account);
  });

  it('throttles who guesses a password, and nobody else', async () => {
    const stranger = await connect();
    const guess = () => stranger.call('SignIn', { email: 'guess@shop.example', password: 'wrong password' }, { deadlineMs: 20_000 });
    for (let i = 0; i < 10; i++) await assert.rejects(guess(), rejectsWith(Code.UNAUTHENTICATED));
    await assert.rejects(guess(), rejectsWith(Code.RESOURCE_EXHAUSTED, /try again in \d+ s/));
    assert.equal((await operator.call('GetAccount', { name: 'accounts/demo' })).state, 'ACTIVE');
  });

  it('backs up where it is told to, and nowhere else', async () => {
    const directory = path.join(folder, 'backup');
    await assert.rejects(operator.call('Backup', { directory: 'backup' }), rejectsWith(Code.INVALID_ARGUMENT));
    await operator.call('Backup', { directory });
    await assert.rejects(operator.call('Backup', { directory }), rejectsWith(Code.ALREADY_EXISTS));
    const restored = await Program.start('livecounter-counterd', ['--grpc_listen=127.0.0.1:0', '--edge_listen=127.0.0.1:0',
      '--metrics_listen=127.0.0.1:0', `--data_dir=${path.join(folder, 'restored')}`, `--restore_from=${directory}`, '--signup=closed']);
    const peer = new GrpcPeer(restored.address.grpc, readToken(path.join(folder, 'restored', 'admin-token')));
    peers.push(peer);
    try {
      const admin = await peer.service(SERVICE);
      const emails = (await admin.call('ListAccounts', {})).accounts.map((account) => account.email);
      assert.ok(emails.includes('bob@shop.example'), `${emails}`);
      await assert.rejects(admin.call('SignUp', { email: 'eve@shop.example', password: PASSWORD }), rejectsWith(Code.PERMISSION_DENIED));
    } finally {
      await restored.kill();
    }
  });
});

describe('a customer\'s endpoint', () => {
  const folder = scratchFolder();
  const edgeToken = path.join(folder, 'edge-token');
  let customer;
  let verifier;
  let counterd;
  let peer;
  let admin;
  let apiKey;
  let product;

  before(async () => {
    customer = http.createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk) => { body += chunk; });
      incoming.on('end', () => {
        response.writeHead(JSON.parse(body).pId === 'w-invalid' ? 401 : 200);
        response.end(apiKey);
      });
    }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer, 'listening');
    writeFileSync(edgeToken, 'an-edge-token-0123456789abcdef\n', { mode: 0o600 });
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      `--edge_token_file=${edgeToken}`, '--verifier_allow_private_networks=127.0.0.0/8']);
    counterd = await Program.start('livecounter-counterd', ['--grpc_listen=127.0.0.1:0', '--edge_listen=127.0.0.1:0',
      '--metrics_listen=127.0.0.1:0', `--data_dir=${path.join(folder, 'data')}`, `--edge_token_file=${edgeToken}`,
      `--verifier=${verifier.address.grpc}`, '--demo']);
    peer = new GrpcPeer(counterd.address.grpc, readToken(path.join(folder, 'data', 'admin-token')));
    admin = await peer.service(SERVICE);
    product = 'accounts/demo/products/demo';
    apiKey = 'demo';
  });
  after(async () => {
    peer?.close();
    customer?.closeAllConnections();
    customer?.close();
    await Promise.all([counterd?.kill(), verifier?.kill()]);
  });

  const endpoint = () => `http://127.0.0.1:${customer.address().port}/verify`;
  const save = (verification) => admin.stream('SaveVerification', { name: product, verification }).toArray();

  it('that fails is not saved, and the reason is told', async () => {
    apiKey = 'another-key';
    const progress = await save({ endpoint_uri: endpoint(), enabled: true });
    const last = progress.at(-1);
    assert.equal(last.done, true);
    assert.equal(last.passed, false);
    assert.match(last.reason, /./);
    assert.equal((await admin.call('GetProduct', { name: product })).verification.endpoint_uri, '');
    apiKey = 'demo';
  });

  it('that passes is saved and asked from then on', async () => {
    const progress = await save({ endpoint_uri: endpoint(), enabled: true });
    const last = progress.at(-1);
    assert.equal(last.passed, true, last.reason);
    assert.ok(progress.some(({ step }) => step === 'LOAD_VALID'));
    const { verification } = await admin.call('GetProduct', { name: product });
    assert.equal(verification.endpoint_uri, endpoint());
    assert.equal(verification.enabled, true);
    assert.match(verification.signing_secret, /^whsec_/);
  });

  it('that passed within ten minutes repeats only the steps of ownership', async () => {
    const progress = await save({ endpoint_uri: endpoint(), enabled: false });
    assert.equal(progress.at(-1).passed, true, progress.at(-1).reason);
    assert.ok(!progress.some(({ step }) => step === 'LOAD_VALID'));
    assert.equal((await admin.call('GetProduct', { name: product })).verification.enabled, false);
  });

  it('cannot be changed in any other way', async () => {
    await assert.rejects(admin.call('UpdateProduct', {
      product: { name: product, verification: { endpoint_uri: 'https://evil.example/' } }, update_mask: { paths: ['verification'] },
    }), rejectsWith(Code.INVALID_ARGUMENT, /SaveVerification/));
  });
});
