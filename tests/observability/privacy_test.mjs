// Nothing personal is left anywhere (contract §7, design §6): presence IDs, tokens, passwords and whole query
// strings that carry a mark go through every way in, and then no log, no metric and no file holds the mark. A
// product's good key and its signing secret, which the store has to keep, are in no log and no metric either.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { GrpcPeer } from '../support/grpc.mjs';
import { exchangeRaw, get, post, request } from '../support/http.mjs';
import { runToEnd } from '../support/programs.mjs';
import { hasAddressSanitizer } from '../support/process_stats.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { AllPrograms, Customer } from './all_programs.mjs';

// What must not be found, each with what it stands for.
const MARKS = {
  pId: 'mark-of-a-presence-id-7c1f', key: 'mark-of-an-unknown-key-5e2a', token: 'mark-of-a-wrong-token-90bd',
  password: 'mark-of-a-password-41c8', query: 'mark-of-a-query-string-b33d', origin: 'mark-of-an-origin-query-6a07',
  cookie: 'mark-of-a-cookie-e8d2', header: 'mark-of-a-referrer-29f4', body: 'mark-of-a-body-77aa', idempotency: 'mark-of-a-retry-key-0c5b',
};

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)).filter((file) => statSync(file).isFile());
}

// Whether the writable memory of a process holds `mark`.
function memoryHolds(pid, mark) {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (!from) continue;
      const piece = Buffer.alloc(Number(BigInt(`0x${to}`) - BigInt(`0x${from}`)));
      try {
        readSync(memory, piece, 0, piece.length, BigInt(`0x${from}`));
      } catch {
        continue; // gone meanwhile, or a device's
      }
      if (piece.includes(mark)) return true;
    }
    return false;
  } finally {
    closeSync(memory);
  }
}

describe('what is personal', () => {
  let all;
  let customer;
  let session;
  const tokens = [];
  const secrets = []; // good keys and signing secrets

  before(async () => {
    customer = await Customer.start('demo');
    all = await AllPrograms.start({ flags: ['--log_level=debug'], gatewayFlags: ['--drain_seconds=0'] });
    tokens.push(all.edgeToken, all.cluster.adminToken(), all.standaloneToken());
  });
  after(async () => {
    customer?.stop();
    await all?.kill();
  });

  const headers = { cookie: `session=${MARKS.cookie}`, referer: `https://shop.example/?q=${MARKS.header}`, authorization: `Bearer ${MARKS.token}` };

  async function throughTheEdge(base) {
    const marked = { ...headers, origin: `https://shop.example/?q=${MARKS.origin}` };
    const pId = MARKS.pId;
    const sockets = await Promise.all([undefined, 'f'].map((i) => new Socket(base, subPath({ pId, i }), { headers }).opened()));
    const refused = [subPath({ pId, key: MARKS.key }), subPath({ pId, urlId: '' }), `${subPath({ pId })}&pId=${pId}`, `/sub?pId=${pId}&${MARKS.query}`,
      `/watch?key=${MARKS.key}&urlId=a&pId=${pId}`];
    for (const at of refused) {
      await new Socket(base, at, { headers: marked }).refused();
      await get(base, at, marked);
      await get(base, at, { ...marked, accept: 'text/event-stream' });
    }
    const streams = [await EventStream.open(base, subPath({ pId }), headers), await EventStream.open(base, `/counters/1/?key=demo&x=${MARKS.query}`, headers),
      await EventStream.open(base, `/watch?key=demo&urlId=a&x=${MARKS.query}`, headers)];
    await post(base, `/counters/1/?key=demo&x=${MARKS.query}`, { ...headers, 'idempotency-key': MARKS.idempotency }, MARKS.body);
    await post(base, `/counters/1/?key=${MARKS.key}`, marked, MARKS.body);
    await post(base, '/counters/1/?key=demo', marked, MARKS.body.repeat(100));
    await get(base, `/nowhere?${MARKS.query}`, marked);
    // Nobody can read these.
    await exchangeRaw(base, `GET /sub?pId=${pId}%zz HTTP/1.1\r\nHost: h\r\nCookie: ${MARKS.cookie}\r\nConnection: close\r\n\r\n`);
    await exchangeRaw(base, `GET /sub?pId=${pId}${'x'.repeat(9000)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await exchangeRaw(base, `${MARKS.body} /sub?pId=${pId} HTTP/9\r\n\r\n`);
    sockets[0].ws.send(MARKS.body.repeat(100)); // over 1 KiB: closed
    await sockets[0].closed;
    await sockets[1].lose();
    streams.forEach((stream) => stream.close());
  }

  async function throughTheConsole(base) {
    const call = (method, body, more = {}) => request(base, `/api/livecounter.v1.${method}?x=${MARKS.query}`,
      { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...more } });
    const email = `${MARKS.password.slice(-4)}@shop.example`;
    const signedUp = await call('AdminService/SignUp', { email, password: MARKS.password });
    assert.equal(signedUp.status, 200, signedUp.text);
    const signedIn = await call('AdminService/SignIn', { email, password: MARKS.password });
    assert.equal(signedIn.status, 200);
    const token = JSON.parse(signedIn.text).token || /session=([^;]+)/.exec(String(signedIn.headers['set-cookie']))[1];
    assert.ok(token.length > 15);
    tokens.push(token);
    await call('AdminService/SignIn', { email, password: `${MARKS.password}-wrong` });
    await call('AdminService/SetPassword', { name: 'accounts/demo', currentPassword: MARKS.password, newPassword: `${MARKS.password}-new` }, { authorization: `Bearer ${token}` });
    await call('CounterService/GetCounter', { name: MARKS.body }, headers);
    await call('CounterService/GetCounter', `{"name":${MARKS.body}`, headers);
    await call(`CounterService/${MARKS.body}`, {}, headers);
    await get(base, `/?${MARKS.query}`, headers);
  }

  // A product with a key and verification, used in every way until the key is revoked.
  async function throughAProduct({ http, console: console_, grpc }, token, t) {
    const peer = new GrpcPeer(grpc, token);
    t.after(() => peer.close());
    const admin = await peer.service('livecounter.v1.AdminService');
    await admin.call('CreateAccount', { account_id: 'shop', account: {} });
    await admin.call('ActivateAccount', { name: 'accounts/shop' });
    const product = await admin.call('CreateProduct', { parent: 'accounts/shop', product_id: 'web', product: { allowed_origins: ['*'], auto_create_counters: true } });
    const { name, key } = await admin.call('CreateApiKey', { parent: product.name });
    const secret = product.verification.signing_secret.replace(/^whsec_/, '');
    assert.ok(key.length > 15 && secret.length > 15);
    secrets.push(key, secret);
    const asked = await Customer.start(key);
    t.after(() => asked.stop());
    const saved = await admin.stream('SaveVerification', { name: product.name, verification: { endpoint_uri: asked.uri, enabled: true } }).toArray();
    assert.equal(saved.at(-1).passed, true, saved.at(-1).reason);
    for (const [method, of] of [['GetProduct', { name: product.name }], ['ListApiKeys', { parent: product.name }]]) {
      const answer = await request(console_, `/api/livecounter.v1.AdminService/${method}`,
        { method: 'POST', body: JSON.stringify(of), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } });
      assert.ok(answer.text.includes(method === 'GetProduct' ? secret : key), answer.text);
    }

    await until(async () => (await get(http, subPath({ key }))).status === 426, 5000, 'the gateway knows the key');
    assert.equal((await post(http, `/counters/1/?key=${key}`, { 'idempotency-key': 'once' })).text, '1\n');
    const user = await new Socket(http, subPath({ key, pId: 'a-user' })).opened();
    await until(() => asked.requests.some(({ headers: sent, body }) => body.includes('a-user') && sent['webhook-signature']), 10_000, 'the user is asked about');
    asked.stop();
    const inVain = await new Socket(http, subPath({ key, pId: 'a-user-of-whom-nobody-tells' })).opened();
    const watcher = await new Socket(http, `/watch?key=${key}&urlId=a`).opened();
    watcher.ws.send('{"add":["b"]}');
    await until(() => watcher.messages.some(({ text }) => 'b' in JSON.parse(text)), 5000, 'b is watched');
    const streams = await Promise.all([subPath({ key, pId: 'another-user' }), `/counters/1/?key=${key}`, `/watch?key=${key}&urlId=a`].map((at) => EventStream.open(http, at)));
    await Promise.all(streams.map((stream) => stream.untilEvents(1)));
    await admin.call('RevokeApiKey', { name });
    for (const socket of [user, inVain, watcher]) assert.equal((await socket.closed).code, 1008);
    await Promise.all(streams.map(({ closed }) => closed));
    assert.equal((await get(http, subPath({ key }))).status, 401);
  }

  it('goes through every way in', { timeout: 60_000 }, async (t) => {
    const admin = await all.service('AdminService');
    for (const { http, console: console_ } of [all.gateway.address, all.standalone.address]) {
      await throughTheEdge(http);
      await throughTheConsole(console_);
    }
    // Verification: by the verifier, refused by it, and with nobody there.
    const saved = await admin.stream('SaveVerification', { name: 'accounts/demo/products/demo', verification: { endpoint_uri: `${customer.uri}?${MARKS.query}`, enabled: true } }).toArray();
    assert.equal(saved.at(-1).passed, true, saved.at(-1).reason);
    customer.requests.length = 0;
    const verified = await new Socket(all.gateway.address.http, subPath({ pId: MARKS.pId })).opened();
    await until(() => customer.requests.some(({ body }) => body.includes(MARKS.pId)), 10_000, 'the customer is asked');
    customer.stop();
    const failing = await new Socket(all.gateway.address.http, subPath({ pId: `${MARKS.pId}-2` })).opened();
    await sleep(500);
    await Promise.all([verified, failing].map((socket) => socket.close()));
    await throughAProduct({ ...all.gateway.address, grpc: all.cluster.grpc }, all.cluster.adminToken(), t);
    await throughAProduct(all.standalone.address, all.standaloneToken(), t);
    // The command line.
    for (const words of [['account', 'list'], ['counter', 'get', 'accounts/demo/products/demo/counters/1'], ['account', 'get', MARKS.body]]) {
      await runToEnd('livecounterctl', words, { LIVECOUNTER_SERVER: all.cluster.grpc, LIVECOUNTER_TOKEN: MARKS.token });
    }
    session = true;
  });

  it('is in no log and in no metric', async () => {
    assert.ok(session);
    assert.equal(secrets.length, 4);
    for (const program of all.programs) {
      const { text } = await get(program.address.metrics, '/metrics');
      for (const [what, mark] of Object.entries(MARKS)) {
        assert.ok(!text.includes(mark), `${what} in the metrics of ${program.name}`);
        const line = program.stderr.split('\n').find((each) => each.includes(mark));
        assert.equal(line, undefined, `${what} in the log of ${program.name}`);
      }
      for (const token of tokens) assert.ok(!program.stderr.includes(token) && !text.includes(token), `a token of ${program.name}`);
      for (const secret of secrets) assert.ok(!program.stderr.includes(secret) && !text.includes(secret), `a key or a signing secret by ${program.name}`);
    }
  });

  it('is not in the store, but for what a retry is known by', async () => {
    await sleep(100);
    for (const folder of [all.cluster.dataFolder, path.join(all.folder, 'data')]) {
      const files = filesBelow(path.join(folder, 'store'));
      assert.ok(files.length > 3);
      for (const file of files) {
        const content = readFileSync(file);
        for (const [what, mark] of Object.entries(MARKS)) {
          // The endpoint's own query is the customer's setting.
          if (what === 'idempotency' || what === 'query') continue;
          assert.ok(!content.includes(mark), `${what} in ${file}`);
        }
        for (const token of tokens) assert.ok(!content.includes(token), `a token in ${file}`);
      }
    }
  });

  it('leaves the memory of a gateway with the request, unless it is to be counted', async (t) => {
    if (hasAddressSanitizer(all.standalone.pid)) return t.skip('AddressSanitizer keeps what was freed');
    const { http } = all.standalone.address;
    const mark = 'mark-of-one-who-only-watches-d41d8cd98f';
    const watcher = await new Socket(http, subPath({ pId: mark, i: 'f' })).opened();
    t.after(() => watcher.ws.terminate());
    const kept = 'mark-of-one-who-counts-98f00b204e';
    const counted = await new Socket(http, subPath({ pId: kept })).opened();
    t.after(() => counted.ws.terminate());
    await until(() => watcher.value !== undefined && counted.value !== undefined, 3000);
    await get(http, subPath({ pId: mark }));
    await get(http, '/counters/1/');
    assert.equal(memoryHolds(all.standalone.pid, kept), true, 'the customer may be asked about this one');
    assert.equal(memoryHolds(all.standalone.pid, mark), false);
  });

  it('is in no core file: a crash leaves none, and no line that holds any of it', async () => {
    for (const program of all.programs) {
      assert.match(readFileSync(`/proc/${program.pid}/limits`, 'utf8'), /^Max core file size\s+[01]\s+[01]\s/m, program.name);
    }
    const { gateway } = all;
    const viewer = await new Socket(gateway.address.http, subPath({ pId: MARKS.pId })).opened();
    gateway.child.kill('SIGSEGV');
    await gateway.exited;
    viewer.ws.terminate();
    for (const mark of Object.values(MARKS)) assert.ok(!gateway.stderr.includes(mark));
    assert.deepEqual(readdirSync('.', { withFileTypes: true }).filter((entry) => entry.isFile() && /^core(\.|$)/.test(entry.name)), []);
  });
});
