// The errors of the console's API on the wire: for each code that the services give, its HTTP status, its name and
// why, as docs/console-api.md says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { request } from '../support/http.mjs';
import { Cluster, scratchFolder, startAllInOne } from '../support/programs.mjs';

const PRODUCT = 'accounts/demo/products/demo';
const counter = (id) => `${PRODUCT}/counters/${id}`;
const CASES = [
  ['invalid_argument', 400, 'INVALID_ARGUMENT', 'CounterService/GetCounter', { name: 'counters/1' }],
  ['invalid_argument', 400, 'INVALID_ARGUMENT', 'CounterService/GetCounter', { nam: 'misspelt' }],
  ['not_found', 404, 'NOT_FOUND', 'CounterService/GetCounter', { name: counter('nothing') }],
  ['already_exists', 409, 'ALREADY_EXISTS', 'CounterService/CreateCounter', { parent: PRODUCT, counterId: '1' }],
  ['aborted', 409, 'ETAG_MISMATCH', 'AdminService/UpdateAccount', { account: { name: 'accounts/demo', displayName: 'x', etag: 'old' }, updateMask: 'displayName' }],
  ['failed_precondition', 400, 'ACCOUNT_HAS_PRODUCTS', 'AdminService/DeleteAccount', { name: 'accounts/demo' }],
  ['out_of_range', 400, 'OUT_OF_RANGE', 'CounterService/IncrementCounter', { name: counter('full'), by: '1' }],
];

describe('the console', () => {
  const folder = scratchFolder();
  let server;
  let token;
  before(async () => {
    server = await startAllInOne({ folder });
    token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
    assert.equal((await call('CounterService/CreateCounter', { parent: PRODUCT, counterId: 'full', counter: { hits: '9223372036854775807' } })).status, 200);
  });
  after(() => server?.kill());

  function call(method, message, headers = {}) {
    return request(server.address.console, `/api/livecounter.v1.${method}`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers }, body: JSON.stringify(message),
    });
  }

  function assertError({ status, headers, text }, expectedStatus, code, reason) {
    assert.equal(status, expectedStatus, text);
    assert.equal(headers['content-type'], 'application/json');
    const error = JSON.parse(text);
    assert.equal(error.code, code, text);
    assert.ok(error.message, 'says what was wrong');
    assert.deepEqual(error.details.map(({ type, debug }) => [type, debug.reason, debug.domain]), [['google.rpc.ErrorInfo', reason, 'livecounter']]);
  }

  for (const [code, status, reason, method, message] of CASES) {
    it(`answers ${code}, ${reason}, with ${status}`, async () => assertError(await call(method, message), status, code, reason));
  }

  it('answers unauthenticated with 401, without a token or with a wrong one', async () => {
    for (const authorization of ['', 'Bearer wrong']) {
      assertError(await call('CounterService/GetCounter', { name: counter(1) }, { authorization }), 401, 'unauthenticated', 'UNAUTHENTICATED');
    }
  });

  it('answers permission_denied with 403 to an account that does what is the operator\'s', async () => {
    const signedUp = await call('AdminService/SignUp', { email: 'a@shop.example', password: 'correct horse battery' }, { authorization: '' });
    const { token: session, account } = JSON.parse(signedUp.text);
    assertError(await call('AdminService/ActivateAccount', { name: account }, { authorization: `Bearer ${session}` }), 403, 'permission_denied', 'OPERATOR_ONLY');
  });

  it('answers what is no call, or of another page, with a reason too', async () => {
    assertError(await call('CounterService/Nothing', {}), 404, 'unimplemented', 'UNIMPLEMENTED');
    assertError(await call('CounterService/GetCounter', {}, { 'content-type': 'text/plain' }), 415, 'invalid_argument', 'INVALID_ARGUMENT');
    assertError(await call('CounterService/GetCounter', {}, { origin: 'https://elsewhere.example' }), 403, 'permission_denied', 'OTHER_ORIGIN');
  });

  it('answers resource_exhausted with 429 to an address that signs in too often', async () => {
    const tries = [];
    for (let i = 0; i < 30; i++) tries.push(call('AdminService/SignIn', { email: `${i}@shop.example`, password: 'not the right one' }, { authorization: '' }));
    const refused = (await Promise.all(tries)).filter(({ status }) => status === 429);
    assert.ok(refused.length > 0);
    for (const answer of refused) {
      // By the console, and by the counter service where too many wait for its one worker.
      assertError(answer, 429, 'resource_exhausted', answer.headers['retry-after'] ? 'TOO_MANY_SIGN_INS' : 'BUSY');
    }
    assert.ok(refused.some(({ headers }) => /^[1-9]\d*$/.test(headers['retry-after'])), 'says when again');
  });

  it('ends a stream with its error, in an envelope, and 200', async () => {
    const message = Buffer.from(JSON.stringify({ names: [] }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const { status, text } = await request(server.address.console, '/api/livecounter.v1.CounterService/WatchCounters', {
      method: 'POST', headers: { 'content-type': 'application/connect+json', authorization: `Bearer ${token}` }, body: Buffer.concat([head, message]),
    });
    assert.equal(status, 200);
    assert.equal(text.charCodeAt(0), 2, 'the last envelope');
    assert.equal(JSON.parse(text.slice(5)).error.code, 'invalid_argument');
  });
});

describe('the console without a counter service', () => {
  it('answers unavailable with 503, and deadline_exceeded with 504 where the caller waits no longer', async (t) => {
    const cluster = await Cluster.start({ gateways: 1 });
    t.after(() => cluster.kill());
    const authorization = `Bearer ${cluster.adminToken()}`;
    const call = (headers) => request(cluster.gateways[0].address.console, '/api/livecounter.v1.CounterService/GetCounter', {
      method: 'POST', headers: { 'content-type': 'application/json', authorization, ...headers }, body: JSON.stringify({ name: counter(1) }),
    });
    assert.equal((await call()).status, 200);
    cluster.counterd.pause();
    const late = await call({ 'connect-timeout-ms': '100' });
    assert.deepEqual([late.status, JSON.parse(late.text).code], [504, 'deadline_exceeded']);
    await cluster.counterd.kill();
    const away = await call();
    assert.deepEqual([away.status, JSON.parse(away.text).code], [503, 'unavailable']);
  });
});
