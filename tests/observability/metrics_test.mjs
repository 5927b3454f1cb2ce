// What the programs show at /metrics: the documented metrics and no others, as Prometheus wants them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { get, post, request } from '../support/http.mjs';
import { promtoolComplaints, Scrape } from '../support/metrics.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { AllPrograms } from './all_programs.mjs';

// docs/metrics.md as [{ name, type, programs, labels: Map(label → Set of values) }]; where a label's values are
// described and not written, the set is empty.
function documented() {
  const page = readFileSync(fileURLToPath(new URL('../../docs/metrics.md', import.meta.url)), 'utf8');
  return page.split('\n## ').slice(1).flatMap((section) => {
    const programs = /^In (.*)\.$/m.exec(section)[1].match(/livecounter[\w-]*/g);
    return [...section.matchAll(/^\| `(\S+)` \| (\w+) \| (.*?) \| /gm)].map(([, name, type, labels]) => ({
      name, type, programs,
      labels: new Map(labels.split('; ').filter(Boolean).map((label) => {
        const [, key, values] = /^`(\w+)`: (.*)$/.exec(label);
        return [key, new Set(values.match(/`[^`]*`/g)?.map((value) => value.slice(1, -1)))];
      })),
    }));
  });
}

const family = (name) => name.replace(/_(bucket|sum|count)$/, '');

describe('the metrics of all programs', () => {
  let all;
  before(async () => {
    all = await AllPrograms.start();
    await until(async () => (await Scrape.of(all.gateway.address.metrics)).value('livecounter_gateway_upstream_connected') === 1, 5000);
  });
  after(() => all?.kill());

  it('are those of docs/metrics.md, with those labels', async () => {
    const rows = documented();
    for (const { name: program, address } of all.programs) {
      const scrape = await Scrape.of(address.metrics);
      const expected = rows.filter(({ programs }) => programs.includes(program));
      assert.deepEqual([...scrape.types].sort(), expected.map(({ name, type }) => [name, type]).sort(), program);
      const byName = new Map(expected.map((row) => [row.name, row]));
      for (const { name, labels } of scrape.series) {
        const row = byName.get(scrape.types.has(name) ? name : family(name));
        const { le: _, ...own } = labels;
        assert.deepEqual(Object.keys(own).sort(), [...row.labels.keys()].sort(), name);
        for (const [key, value] of Object.entries(own)) {
          const values = row.labels.get(key);
          assert.ok(values.size === 0 || values.has(value), `${name}{${key}="${value}"}`);
        }
      }
    }
  });

  it('have nothing that promtool minds', async () => {
    for (const { name, address } of all.programs) {
      const { text } = await Scrape.of(address.metrics);
      assert.equal(promtoolComplaints(text), '', name);
    }
  });

  it('tell of the process', async () => {
    for (const { name, pid, address } of all.programs) {
      const scrape = await Scrape.of(address.metrics);
      assert.equal(scrape.value('livecounter_build_info', { program: name }), 1);
      assert.equal(scrape.value('livecounter_ready'), 1, name);
      assert.ok(scrape.value('process_resident_memory_bytes') > 1e6, name);
      assert.ok(scrape.value('process_cpu_seconds_total') > 0, name);
      const limit = /Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1];
      assert.equal(scrape.value('process_max_fds'), Number(limit), name);
      assert.ok(scrape.value('process_open_fds') > 5, name);
      assert.ok(Math.abs(scrape.value('process_start_time_seconds') - Date.now() / 1000) < 300, name);
    }
  });

  it('count attempts to connect by whose fault it was that they failed', async (t) => {
    const { http, metrics } = all.gateway.address;
    const viewer = await new Socket(http, subPath({ pId: 'a' })).opened();
    t.after(() => viewer.ws.terminate());
    await new Socket(http, subPath({ key: 'nobody', pId: 'a' })).refused();
    await get(http, '/sub?urlId=page', { accept: 'text/event-stream' });
    await get(http, '/counters/none/'); // no stream
    const scrape = await Scrape.of(metrics);
    assert.equal(scrape.value('livecounter_gateway_connects_total', { result: 'accepted' }), 1);
    assert.equal(scrape.value('livecounter_gateway_connects_total', { result: 'refused' }), 2);
    assert.equal(scrape.value('livecounter_gateway_connects_total', { result: 'failed' }), 0);
    assert.equal(scrape.value('livecounter_gateway_rejected_total', { reason: 'unknown_counter' }), 1);
  });

  it('count calls of the console and of gRPC', async () => {
    const body = JSON.stringify({ name: 'accounts/demo/products/demo/counters/1' });
    const call = (token) => request(all.gateway.address.console, '/api/livecounter.v1.CounterService/GetCounter',
      { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body });
    assert.equal((await call(all.cluster.adminToken())).status, 200);
    assert.equal((await call('wrong')).status, 401);
    const method = { grpc_service: 'livecounter.v1.CounterService', grpc_method: 'GetCounter' };
    const console_ = await Scrape.of(all.gateway.address.metrics);
    assert.equal(console_.value('livecounter_console_requests_total', { ...method, grpc_code: 'OK' }), 1);
    assert.equal(console_.value('livecounter_console_requests_total', { ...method, grpc_code: 'Unauthenticated' }), 1);
    assert.equal(console_.value('livecounter_console_request_seconds_count'), 2);
    const grpc = await Scrape.of(all.counterd.address.metrics);
    assert.equal(grpc.value('grpc_server_handled_total', { ...method, grpc_code: 'OK' }), 1);
    assert.equal(grpc.value('grpc_server_handled_total', { ...method, grpc_code: 'Unauthenticated' }), 1);
    assert.ok(grpc.value('grpc_server_started_total', { grpc_method: 'Attach' }) >= 1, 'streams too');
    assert.ok(grpc.value('grpc_server_msg_received_total', { grpc_method: 'Attach' }) >= 1);
  });

  it('count hits, how long they take, what is billed and what is stored', async () => {
    const { http, metrics } = all.gateway.address;
    for (let i = 0; i < 5; i++) assert.equal((await post(http, '/counters/1/')).status, 200);
    const gateway = await Scrape.of(metrics);
    assert.equal(gateway.value('livecounter_gateway_hit_seconds_count'), 5);
    assert.equal(gateway.value('livecounter_gateway_catalog_products'), 1);
    assert.equal(gateway.value('livecounter_gateway_catalog_lost_seconds'), 0);
    const counterd = all.counterd.address.metrics;
    await until(async () => (await Scrape.of(counterd)).value('livecounter_counterd_usage_connections_total') >= 1, 5000);
    await until(async () => (await Scrape.of(metrics)).value('livecounter_gateway_usage_unsent_age_seconds') === 0, 5000);
    const scrape = await Scrape.of(counterd);
    assert.equal(scrape.value('livecounter_counterd_hits_total'), 5);
    assert.equal(scrape.value('livecounter_engine_writable'), 1);
    assert.ok(scrape.value('livecounter_engine_disk_free_bytes') > 0);
    assert.ok(scrape.value('livecounter_engine_wal_bytes') > 0);
    assert.equal(scrape.value('livecounter_counterd_catalog_watchers'), 1);
  });
});
