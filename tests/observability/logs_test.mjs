// What the programs log: lines of docs/log-line.schema.json with events of docs/logs.md, and the trace of a call
// from the console to the customer.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { get, post, request } from '../support/http.mjs';
import { violation } from '../support/json_schema.mjs';
import { runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { AllPrograms, Customer } from './all_programs.mjs';

const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../docs/log-line.schema.json', import.meta.url)), 'utf8'));

// The events of a program's log, each line checked.
function eventsOf(name, stderr) {
  const lines = stderr.split('\n');
  assert.equal(lines.pop(), '', 'the last line is whole');
  return new Set(lines.map((line) => {
    const parsed = JSON.parse(line);
    assert.equal(violation(parsed, schema), undefined, `${name}: ${line}`);
    return parsed.event;
  }));
}

describe('the logs of all programs', () => {
  let all;
  let customer;
  before(async () => {
    customer = await Customer.start('demo');
    all = await AllPrograms.start({ flags: ['--log_level=debug'], gatewayFlags: ['--drain_seconds=0'] });
  });
  after(async () => {
    customer?.stop();
    await all?.kill();
  });

  const consoleCall = (method, body, headers = {}) => request(all.gateway.address.console, `/api/livecounter.v1.${method}`, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${all.cluster.adminToken()}`, ...headers },
  });

  it('hold the trace of a call, which goes on to the next program and to the customer', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    const name = 'accounts/demo/products/demo';
    assert.equal((await consoleCall('AdminService/GetProduct', { name }, { traceparent })).status, 200);
    await until(() => all.counterd.logged().some((line) => line.event === 'call_handled' && line.trace_id === trace
      && line.method === 'livecounter.v1.AdminService/GetProduct' && line.code === 'OK' && line.level === 'info'), 3000);

    const message = Buffer.from(JSON.stringify({ name, verification: { endpointUri: customer.uri } }));
    const envelope = Buffer.concat([Buffer.alloc(5), message]);
    envelope.writeUInt32BE(message.length, 1);
    const tested = await request(all.gateway.address.console, '/api/livecounter.v1.AdminService/TestVerification', {
      method: 'POST', body: envelope, ms: 20_000,
      headers: { 'content-type': 'application/connect+json', authorization: `Bearer ${all.cluster.adminToken()}`, traceparent },
    });
    assert.match(tested.text, /"done":true/);
    for (const program of [all.counterd, all.verifier]) {
      await until(() => program.logged().some((line) => line.trace_id === trace && /TestVerification|ProbeEndpoint/.test(line.method)), 3000, program.name);
    }
    assert.ok(customer.requests.length >= 2);
    for (const { headers } of customer.requests) assert.equal(headers.traceparent, traceparent);
  });

  it('hold a trace of the gateway\'s own where it asks about a user', async () => {
    const admin = await all.service('AdminService');
    const saved = await admin.stream('SaveVerification', { name: 'accounts/demo/products/demo', verification: { endpoint_uri: customer.uri, enabled: true } }).toArray();
    assert.equal(saved.at(-1).passed, true, saved.at(-1).reason);
    customer.requests.length = 0;
    const viewer = await new Socket(all.gateway.address.http, subPath({ pId: 'somebody' })).opened();
    await until(() => customer.requests.length > 0, 5000);
    await viewer.close();
    const [, trace] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(customer.requests[0].headers.traceparent);
    await until(() => all.verifier.logged().some((line) => line.trace_id === trace && line.method === 'livecounter.v1.VerifierService/VerifyUser'), 3000);
  });

  it('take no notice of a traceparent that is none', async () => {
    for (const traceparent of ['00-short-00f067aa0ba902b7-01', 'x'.repeat(5000)]) {
      assert.equal((await consoleCall('AdminService/GetProduct', { name: 'accounts/demo/products/demo' }, { traceparent })).status, 200);
    }
    assert.ok(!all.counterd.stderr.includes('short-'));
  });

  it('are lines of the schema from the first to the last, also when things go wrong', { timeout: 60_000 }, async () => {
    const { http } = all.gateway.address;
    await get(http, '/nowhere?pId=1');
    await post(http, '/counters/1/');
    await all.verifier.kill();
    const viewer = await new Socket(http, subPath({ pId: 'unverified' })).opened();
    await until(() => all.gateway.logged().some(({ event }) => event === 'users_not_verified'), 15_000);
    await viewer.close();
    await all.counterd.kill();
    await until(() => all.gateway.logged().some(({ event }) => event === 'upstream_lost'), 5000);
    await until(() => all.gateway.logged().some(({ event }) => event === 'upstream_not_reached'), 5000);
    const killed = all.counterd;
    await all.cluster.startCounterd();
    await until(() => all.counterd.logged().some(({ event }) => event === 'recovery_ended'), 15_000);
    await Promise.all([all.counterd, all.gateway, all.standalone].map((program) => program.stop()));

    const seen = new Map([killed, ...all.programs].map((program) => [program, eventsOf(program.name, program.stderr)]));
    for (const event of ['starting', 'serving', 'upstream_attached', 'upstream_lost', 'catalog_received', 'catalog_lost', 'draining', 'drained',
      'closing_streams', 'closed_streams', 'stopped']) {
      assert.ok(seen.get(all.gateway).has(event), event);
    }
    for (const event of ['store_opened', 'session_attached', 'recovery_ended', 'call_handled', 'stopped']) {
      assert.ok(seen.get(all.counterd).has(event), event);
    }
  });

  it('also of a program that cannot start', async () => {
    const folder = scratchFolder();
    const server = await startAllInOne({ folder });
    try {
      const { code, stderr } = await runToEnd('livecounter', ['--http_listen=127.0.0.1:0', '--console_listen=', '--grpc_listen=', '--metrics_listen=',
        `--data_dir=${path.join(folder, 'data')}`]);
      assert.equal(code, 1);
      assert.ok(eventsOf('livecounter', stderr).has('failed'));
    } finally {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
