// CounterService as a foreign gRPC client meets it: by reflection, with a token (contract §5).
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Code, GrpcPeer } from '../support/grpc.mjs';
import { hitsOf, post } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';
const name = (id) => `${PRODUCT}/counters/${id}`;

let server;
let peer;
let counters;
const folder = scratchFolder();
const tokenFile = path.join(folder, 'data', 'admin-token');
before(async () => {
  server = await startAllInOne({ folder });
  peer = new GrpcPeer(server.address.grpc, readFileSync(tokenFile, 'utf8').trim());
  counters = await peer.service('livecounter.v1.CounterService');
});
after(() => {
  peer?.close();
  return server?.kill();
});

const rejectsWith = (code, message) => (error) => {
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.details, message);
  return true;
};

describe('reflection', () => {
  it('lists the services for everybody, and not the one for gateways', async () => {
    const services = await peer.listServices();
    assert.ok(services.includes('livecounter.v1.CounterService'), `${services}`);
    assert.ok(services.includes('grpc.health.v1.Health'), `${services}`);
    assert.ok(!services.includes('livecounter.v1.EdgeService'), `${services}`);
  });
});

describe('health', () => {
  it('knows alive and ready, and needs no token', async (t) => {
    const stranger = new GrpcPeer(server.address.grpc);
    t.after(() => stranger.close());
    const health = stranger.health();
    for (const service of ['', 'alive', 'ready']) {
      assert.equal((await health.call('Check', { service })).status, 'SERVING', service);
    }
    await assert.rejects(health.call('Check', { service: 'nothing' }), rejectsWith(Code.NOT_FOUND));
  });
});

describe('the token', () => {
  it('is needed by every call', async (t) => {
    const stranger = new GrpcPeer(server.address.grpc);
    const impostor = new GrpcPeer(server.address.grpc, 'wrong');
    t.after(() => [stranger, impostor].forEach((each) => each.close()));
    for (const each of [stranger, impostor]) {
      const service = await each.service('livecounter.v1.CounterService');
      await assert.rejects(service.call('GetCounter', { name: name(1) }), rejectsWith(Code.UNAUTHENTICATED));
      await assert.rejects(service.call('IncrementCounter', { name: name(1) }), rejectsWith(Code.UNAUTHENTICATED));
      const watch = service.stream('WatchCounters', { names: [name(1)] });
      await assert.rejects(watch.toArray(), rejectsWith(Code.UNAUTHENTICATED));
    }
    assert.equal(await hitsOf(server.address.http, 1), 0);
  });

  it('is readable by its owner only', () => {
    assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
  });
});

describe('CounterService', () => {
  it('reads what HTTP hit and who is on a WebSocket', async (t) => {
    await post(server.address.http, '/counters/2/');
    const viewer = await new Socket(server.address.http, subPath({ urlId: '2' })).opened();
    t.after(() => viewer.ws.terminate());
    await viewer.untilValue(1);
    const counter = await counters.call('GetCounter', { name: name(2) });
    assert.equal(counter.name, name(2));
    assert.equal(counter.hits, 1);
    assert.equal(counter.present, 1);
    assert.ok(counter.epoch > 0 && counter.revision > 0);
  });

  it('increments, seen over HTTP at once', async () => {
    assert.equal((await counters.call('IncrementCounter', { name: name(3) })).counter.hits, 1);
    assert.equal((await counters.call('IncrementCounter', { name: name(3), by: 41 })).counter.hits, 42);
    assert.equal(await hitsOf(server.address.http, 3), 42);
  });

  it('counts a request id once, also when it is repeated at the same time', async () => {
    const request = { name: name(4), by: 5, request_id: 'req-1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => counters.call('IncrementCounter', request)));
    assert.deepEqual(new Set(answers.map(({ counter }) => counter.hits)), new Set([5]));
    assert.equal(await hitsOf(server.address.http, 4), 5);
    await assert.rejects(counters.call('IncrementCounter', { ...request, by: 6 }), rejectsWith(Code.INVALID_ARGUMENT));
  });

  it('gives concurrent callers the total after their own hits', async () => {
    const before = await hitsOf(server.address.http, 5);
    const answers = await Promise.all(Array.from({ length: 200 }, () => counters.call('IncrementCounter', { name: name(5) })));
    const values = answers.map(({ counter }) => counter.hits).sort((a, b) => a - b);
    assert.deepEqual(values, Array.from({ length: 200 }, (_, i) => before + i + 1));
  });

  it('creates, sets, resets and deletes', async () => {
    const create = { parent: PRODUCT, counter_id: 'a-ü', counter: { hits: 7 } };
    const created = await counters.call('CreateCounter', create);
    assert.equal(created.hits, 7);
    assert.equal(created.name, name('a-%C3%BC'));
    await assert.rejects(counters.call('CreateCounter', create), rejectsWith(Code.ALREADY_EXISTS));
    assert.equal(await hitsOf(server.address.http, 'a-%C3%BC'), 7);
    assert.equal((await counters.call('SetCounter', { name: created.name, hits: 1000 })).hits, 1000);
    assert.equal((await counters.call('SetCounter', { name: created.name, hits: 0 })).hits, 0);
    await counters.call('DeleteCounter', { name: created.name });
    await assert.rejects(counters.call('GetCounter', { name: created.name }), rejectsWith(Code.NOT_FOUND));
    await assert.rejects(counters.call('DeleteCounter', { name: created.name }), rejectsWith(Code.NOT_FOUND));
    assert.equal((await post(server.address.http, '/counters/a-%C3%BC/')).status, 404);
  });

  it('lists a page at a time', async () => {
    const seen = [];
    let page_token = '';
    do {
      const page = await counters.call('ListCounters', { parent: PRODUCT, page_size: 4, page_token });
      assert.ok(page.counters.length <= 4);
      seen.push(...page.counters.map((counter) => counter.name));
      page_token = page.next_page_token;
    } while (page_token);
    assert.deepEqual(seen.filter((each) => /\/[1-9]$/.test(each)), [1, 2, 3, 4, 5, 6, 7, 8, 9].map(name));
    assert.deepEqual(seen, [...seen].sort());
  });

  it('refuses what makes no sense and says what is accepted', async () => {
    const refused = [
      ['GetCounter', { name: 'counters/1' }, Code.INVALID_ARGUMENT, /accounts\/\{?/],
      ['GetCounter', { name: name('nothing') }, Code.NOT_FOUND, /./],
      ['IncrementCounter', { name: name(6), by: 0 }, Code.INVALID_ARGUMENT, /by/],
      ['IncrementCounter', { name: name(6), by: -1 }, Code.INVALID_ARGUMENT, /by/],
      ['IncrementCounter', { name: name('nothing') }, Code.NOT_FOUND, /./],
      ['IncrementCounter', { name: name(6), request_id: 'x'.repeat(256) }, Code.INVALID_ARGUMENT, /request_id/],
      ['SetCounter', { name: name(6), hits: -1 }, Code.INVALID_ARGUMENT, /hits/],
      ['CreateCounter', { parent: PRODUCT, counter_id: 'a/b' }, Code.INVALID_ARGUMENT, /counter_id/],
      ['CreateCounter', { parent: PRODUCT, counter_id: '' }, Code.INVALID_ARGUMENT, /counter_id/],
      ['CreateCounter', { parent: PRODUCT, counter_id: 'x'.repeat(65) }, Code.INVALID_ARGUMENT, /counter_id/],
      ['ListCounters', { parent: PRODUCT, page_token: 'nonsense' }, Code.INVALID_ARGUMENT, /page.token/],
      ['ListCounters', { parent: PRODUCT, page_size: -1 }, Code.INVALID_ARGUMENT, /page_size/],
    ];
    for (const [method, request, code, message] of refused) {
      await assert.rejects(counters.call(method, request), rejectsWith(code, message), `${method} ${JSON.stringify(request)}`);
    }
    assert.equal(await hitsOf(server.address.http, 6), 0);
  });

  it('does not count beyond 2^63 - 1', async () => {
    await counters.call('CreateCounter', { parent: PRODUCT, counter_id: 'full', counter: { hits: '9223372036854775806' } });
    await counters.call('IncrementCounter', { name: name('full') });
    await assert.rejects(counters.call('IncrementCounter', { name: name('full') }), rejectsWith(Code.OUT_OF_RANGE));
    assert.equal((await post(server.address.http, '/counters/full/')).status, 409);
  });

  it('watches: the current values at once, then each change, none older than the one before', async (t) => {
    const watch = counters.stream('WatchCounters', { names: [name(7), name(8), name('not-yet')] });
    t.after(() => watch.cancel());
    const seen = new Map();
    const revisions = [];
    watch.on('error', () => {});
    watch.on('data', (message) => {
      for (const counter of message.counters) {
        seen.set(counter.name, counter);
        if (counter.name === name(7)) revisions.push(counter.revision);
      }
    });
    await until(() => seen.size === 3, 2000, () => `three counters, but ${[...seen.keys()]}`);
    for (let i = 0; i < 50; i++) await post(server.address.http, '/counters/7/');
    await until(() => seen.get(name(7)).hits === 50, 2000);
    assert.deepEqual(revisions, [...revisions].sort((a, b) => a - b));
    const viewer = await new Socket(server.address.http, subPath({ urlId: '8' })).opened();
    t.after(() => viewer.ws.terminate());
    await until(() => seen.get(name(8)).present === 1, 2000);
    await counters.call('CreateCounter', { parent: PRODUCT, counter_id: 'not-yet', counter: {} });
    await until(() => seen.get(name('not-yet')).hits === 0, 2000);
  });
});
