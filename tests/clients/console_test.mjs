// The console's API as foreign clients meet it (contract §5): connect-web, buf curl, curl.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, connectClient, protoFolder, runBuf } from '../support/connect.mjs';
import { get, hitsOf, post, request } from '../support/http.mjs';
import { Cluster, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';
const COUNTERS = 'livecounter.v1.CounterService';
const ADMIN = 'livecounter.v1.AdminService';
const name = (id) => `${PRODUCT}/counters/${id}`;
const { Code } = connect;

const folder = scratchFolder();
let server;
let token;
before(async () => {
  server = await startAllInOne({ folder });
  token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
});
after(() => server?.kill());

const counters = (options) => connectClient(server.address.console, COUNTERS, { token, ...options });
const json = { 'content-type': 'application/json' };
const call = (method, body, headers = {}) => request(server.address.console, `/api/livecounter.v1.${method}`,
  { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

const failsWith = (code) => (error) => {
  assert.equal(connect.ConnectError.from(error).code, code, String(error));
  return true;
};

for (const binary of [false, true]) {
  describe(`connect-web in ${binary ? 'binary' : 'JSON'}`, () => {
    it('calls methods', async () => {
      const client = counters({ binary });
      const before = await client.getCounter({ name: name(2) });
      assert.equal(before.name, name(2));
      const { counter } = await client.incrementCounter({ name: name(2), by: 5n });
      assert.equal(counter.hits, before.hits + 5n);
      // A gateway that watches the counter is told within milliseconds.
      await until(async () => await hitsOf(server.address.http, 2) === Number(counter.hits), 2000);
      const created = await client.createCounter({
        parent: PRODUCT, counterId: `large-${binary}`, counter: { hits: 9007199254740993n },
      });
      assert.equal(created.hits, 9007199254740993n);
    });

    it('is told errors with their details', async () => {
      await assert.rejects(counters({ binary }).getCounter({ name: name('nothing') }), (error) => {
        failsWith(Code.NotFound)(error);
        assert.equal(error.details[0].type, 'google.rpc.ErrorInfo');
        assert.equal(error.details[0].debug.domain, 'livecounter');
        return true;
      });
      await assert.rejects(counters({ binary, token: 'wrong' }).getCounter({ name: name(2) }),
        failsWith(Code.Unauthenticated));
      await assert.rejects(counters({ binary }).incrementCounter({ name: name(2), by: -1n }),
        failsWith(Code.InvalidArgument));
    });

    it('streams: the current values at once, then each change', async () => {
      const client = counters({ binary });
      const abort = new AbortController();
      const start = await hitsOf(server.address.http, 3);
      const seen = [];
      for await (const { counters: changed } of client.watchCounters({ names: [name(3)] }, { signal: abort.signal })) {
        seen.push(...changed.map(({ hits }) => Number(hits)));
        if (seen.at(-1) === start + 2) break;
        await post(server.address.http, '/counters/3/');
      }
      abort.abort();
      assert.equal(seen[0], start);
      assert.equal(seen.at(-1), start + 2);
    });

    it('is told why a stream ended', async () => {
      const read = async (options) => {
        for await (const message of counters({ binary, ...options }).watchCounters({ names: [name(3)] })) void message;
      };
      await assert.rejects(read({ token: 'wrong' }), failsWith(Code.Unauthenticated));
    });

    it('sets deadlines', async () => {
      const watch = async () => {
        const options = { timeoutMs: 300 };
        for await (const message of counters({ binary }).watchCounters({ names: [name(3)] }, options)) void message;
      };
      await assert.rejects(watch(), failsWith(Code.DeadlineExceeded));
    });
  });
}

describe('buf curl', () => {
  const bufCurl = (method, message) => JSON.parse(runBuf(['curl', '--protocol', 'connect', '--schema', protoFolder,
    '-H', `Authorization: Bearer ${token}`, '-d', JSON.stringify(message),
    `http://${server.address.console}/api/${COUNTERS}/${method}`]));

  it('calls methods', () => {
    assert.equal(bufCurl('GetCounter', { name: name(4) }).name, name(4));
    assert.equal(bufCurl('IncrementCounter', { name: name(4), by: 2 }).counter.hits, '2');
    assert.throws(() => bufCurl('GetCounter', { name: name('nothing') }), /not_found/);
  });

  it('streams', async (t) => {
    const child = spawn(fileURLToPath(new URL('../node/node_modules/.bin/buf', import.meta.url)), ['curl',
      '--protocol', 'connect', '--schema', protoFolder, '-H', `Authorization: Bearer ${token}`,
      '-d', JSON.stringify({ names: [name(5)] }),
      `http://${server.address.console}/api/${COUNTERS}/WatchCounters`]);
    t.after(() => child.kill());
    let printed = '';
    child.stdout.on('data', (chunk) => { printed += chunk; });
    await until(() => printed.includes(name(5)), 10_000, () => 'the first message');
    await post(server.address.http, '/counters/5/');
    await until(() => /"hits":\s*"1"/.test(printed), 5000, () => `a hit in ${printed}`);
  });
});

describe('a stream', () => {
  const watching = async () => {
    const metrics = (await get(server.address.metrics, '/metrics')).text;
    const count = (metric) => [...metrics.matchAll(new RegExp(`^${metric}\\{[^}]*WatchCounters[^}]*\\} (\\d+)`, 'gm'))]
      .reduce((sum, [, value]) => sum + Number(value), 0);
    return count('grpc_server_started_total') - count('grpc_server_handled_total');
  };

  it('ends at the counter service when its client goes', async () => {
    const abort = new AbortController();
    const before = await watching();
    const messages = counters().watchCounters({ names: [name(6)] }, { signal: abort.signal })[Symbol.asyncIterator]();
    await messages.next();
    assert.equal(await watching(), before + 1);
    abort.abort();
    await assert.rejects(messages.next());
    await until(async () => await watching() === before, 5000, () => 'the watch to end');
  });
});

describe('a browser', () => {
  const own = () => ({ origin: `http://${server.address.console}`, 'sec-fetch-site': 'same-origin' });

  it('has its cookie taken from pages of the console alone', async () => {
    const cookie = { cookie: `livecounter_session=${token}` };
    const read = (headers) => call('CounterService/GetCounter', { name: name(7) }, { ...headers, host: server.address.console });
    assert.equal((await read({ ...cookie, ...own() })).status, 200);
    assert.equal((await read(own())).status, 401);
    for (const foreign of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
      const answer = await read({ ...cookie, ...foreign });
      assert.equal(answer.status, 403, JSON.stringify(foreign));
      assert.equal(JSON.parse(answer.text).code, 'permission_denied');
    }
  });

  it('gets no CORS', async () => {
    const preflight = await request(server.address.console, `/api/${COUNTERS}/GetCounter`,
      { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  });

  it('gets pages that may do little', async () => {
    const page = await get(server.address.console, '/products/any');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    const again = await get(server.address.console, '/', { 'if-none-match': page.headers.etag });
    assert.equal(again.status, 304);
    assert.equal((await get(server.address.console, '/nothing.js')).status, 404);
  });
});

describe('sign-in', () => {
  it('is refused to an address that tries too often', async () => {
    const statuses = [];
    for (let i = 0; i < 25; i++) statuses.push((await call('AdminService/SignIn', { email: 'a@b.example', password: 'guess' })).status);
    assert.notEqual(statuses[0], 429);
    assert.equal(statuses.at(-1), 429);
    assert.equal((await call('CounterService/GetCounter', { name: name(1) })).status, 401);
  });
});

describe('what is no call', () => {
  it('is refused with what is accepted', async () => {
    const console = server.address.console;
    const path = `/api/${COUNTERS}/GetCounter`;
    assert.equal((await post(console, `/api/${COUNTERS}/Nothing`, json, '{}')).status, 404);
    const read = await get(console, path);
    assert.deepEqual([read.status, read.headers.allow], [405, 'POST']);
    const typed = await post(console, path, { 'content-type': 'text/plain' }, '{}');
    assert.deepEqual([typed.status, typed.headers['accept-post']], [415, 'application/json, application/proto']);
    const large = await post(console, path, json, 'x'.repeat(1024 * 1024 + 1));
    assert.deepEqual([large.status, JSON.parse(large.text).code], [413, 'resource_exhausted']);
    assert.equal((await post(console, path, { ...json, 'content-encoding': 'gzip' }, '{}')).status, 501);
    assert.equal((await post(console, path, json, '{"nam":"a"}')).status, 400);
  });
});

describe('the documentation', () => {
  // Every block of `sh` in docs/console-api.md, with the block of `json` after it, if there is one.
  const text = readFileSync(new URL('../../docs/console-api.md', import.meta.url), 'utf8');
  const examples = [...text.matchAll(/```sh\n(.*?)```(?:\s*```json\n(.*?)```)?/gs)];

  // "…" stands for anything.
  function assertLike(actual, expected) {
    if (expected === '…') return;
    if (typeof expected !== 'object') return assert.equal(actual, expected);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
    for (const key of Object.keys(expected)) assertLike(actual[key], expected[key]);
  }

  it('has examples that work', () => {
    assert.ok(examples.length >= 4, `${examples.length} examples`);
    for (const [, script, expected] of examples) {
      const printed = execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
        encoding: 'utf8', env: { ...process.env, CONSOLE: `http://${server.address.console}`, TOKEN: token },
      });
      if (expected) assertLike(JSON.parse(printed), JSON.parse(expected));
    }
  });
});

describe('a gateway of its own', () => {
  it('reaches the counter service by --counterd, and says so where it has none', async (t) => {
    const cluster = await Cluster.start({ gateways: 1 });
    t.after(() => cluster.kill());
    const read = () => request(cluster.gateways[0].address.console, `/api/${COUNTERS}/GetCounter`, {
      method: 'POST', headers: { ...json, authorization: `Bearer ${cluster.adminToken()}` },
      body: JSON.stringify({ name: name(1) }),
    });
    assert.equal((await read()).status, 200);
    await cluster.counterd.kill();
    assert.equal(JSON.parse((await read()).text).code, 'unavailable');
    await cluster.startCounterd();
    await until(async () => (await read()).status === 200, 5000, () => 'the counter service to be found again');

    await cluster.gateways[0].kill();
    cluster.gatewayFlags = ['--counterd='];
    await cluster.startGateway(0);
    const refused = await read();
    assert.equal(refused.status, 503);
    assert.match(JSON.parse(refused.text).message, /--counterd/);
  });
});

describe('over TLS', () => {
  it('the console is served TLS alone, and takes cookies of its own pages', async (t) => {
    const file = (base) => path.join(folder, base);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-keyout', file('tls.key'), '-out', file('tls.pem'), '-days', '2', '-subj', '/CN=console',
      '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'pipe' });
    const secure = await startAllInOne({ flags: [`--tls_cert=${file('tls.pem')}`, `--tls_key=${file('tls.key')}`] });
    t.after(() => secure.kill());
    const curl = (...args) => execFileSync('curl', ['-si', '--cacert', file('tls.pem'), ...args], { encoding: 'utf8' });
    assert.match(curl(`https://${secure.address.console}/`), /strict-transport-security: max-age=31536000\r\n/);
    const call = (method, message, ...args) => curl('-X', 'POST', '-H', 'Content-Type: application/json', '-d', JSON.stringify(message),
      '-H', `Origin: https://${secure.address.console}`, ...args, `https://${secure.address.console}/api/${method}`);
    const own = { email: 'tls@shop.example', password: 'correct horse battery' };
    assert.match(call(`${ADMIN}/SignUp`, own), /^HTTP\/1.1 200 /);
    const signedIn = call(`${ADMIN}/SignIn`, own);
    const cookie = /^set-cookie: (__Host-livecounter_session=[^;\r]+);.*; Secure\r$/m.exec(signedIn)?.[1];
    assert.ok(cookie, signedIn);
    const session = call(`${ADMIN}/GetSession`, {}, '-H', `Cookie: ${cookie}`);
    assert.match(session, /^HTTP\/1.1 200 /);
    assert.match(session, /"account":"accounts\//);
    const withoutPrefix = call(`${ADMIN}/GetSession`, {}, '-H', `Cookie: ${cookie.replace('__Host-', '')}`);
    assert.match(withoutPrefix, /^HTTP\/1.1 401 /, 'the name that pages without TLS may set is not taken');
    await assert.rejects(get(secure.address.console, '/'));
  });
});
