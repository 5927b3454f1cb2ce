// The programs as whoever runs them meets them: flags, ready line, signals, exit codes, probes, metrics,
// logs (contract §1, §7).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Code, GrpcPeer } from '../support/grpc.mjs';
import { get, hitsOf, post } from '../support/http.mjs';
import { Cluster, Program, runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const PROGRAMS = ['livecounter', 'livecounter-counterd', 'livecounter-gateway', 'livecounter-verifier'];

// Flags for any free port for each of these listeners.
const anyPorts = (listeners) => listeners.map((listener) => `--${listener}_listen=127.0.0.1:0`);

describe('flags', () => {
  for (const program of PROGRAMS) {
    it(`${program} --help lists them and exits 0`, async () => {
      const { code, stdout } = await runToEnd(program, ['--help']);
      assert.equal(code, 0);
      for (const flag of ['metrics_listen', 'flagfile', 'check_config', 'log_format']) {
        assert.match(stdout, new RegExp(`--${flag}\\b`));
      }
    });

    it(`${program} says what is wrong with a bad one and exits 2`, async () => {
      const { code, stderr } = await runToEnd(program, ['--metrics_listen=nowhere']);
      assert.equal(code, 2);
      assert.match(stderr, /--metrics_listen.*nowhere.*host:port/s);
    });

    it(`${program} refuses one that it does not have, and what is no flag, with 2`, async () => {
      for (const argument of ['--no_such_flag=1', 'start']) {
        const { code, stderr } = await runToEnd(program, [argument]);
        assert.equal(code, 2, argument);
        assert.match(stderr, new RegExp(argument.replace('=1', '')));
      }
    });
  }

  it('that are needed, or would leave nobody served, are told with 2', async () => {
    for (const program of ['livecounter', 'livecounter-gateway']) {
      const { code, stderr } = await runToEnd(program, ['--http_listen=']);
      assert.equal(code, 2, program);
      assert.match(stderr, /--http_listen got "".*host:port/);
    }
    const { code, stderr } = await runToEnd('livecounter-gateway', anyPorts(['http', 'metrics']));
    assert.equal(code, 2);
    assert.match(stderr, /--edge_token_file.*edge-token/);
  });

  it('may follow as the next argument, and a switch may be negated', async (t) => {
    const server = await startAllInOne({ flags: ['--drain_seconds', '0', '--nodemo'] });
    t.after(() => server.kill());
    assert.equal((await get(server.address.http, '/counters/1/')).status, 404);
  });

  it('livecounter-counterd refuses the engine that does not exist yet', async () => {
    const { code, stderr } = await runToEnd('livecounter-counterd', ['--engine=redis']);
    assert.equal(code, 2);
    assert.match(stderr, /--engine.*redis/s);
  });

  it('come from the command line, else the environment, else a file', async () => {
    const folder = scratchFolder();
    const file = path.join(folder, 'flags');
    writeFileSync(file, '# no demo data\n--demo=false\n');
    const hasCounters = async (options) => {
      const server = await startAllInOne(options);
      const { status } = await get(server.address.http, '/counters/1/');
      await server.kill();
      return status === 200;
    };
    const fromFile = [`--flagfile=${file}`];
    assert.equal(await hasCounters({ flags: fromFile }), false);
    assert.equal(await hasCounters({ flags: fromFile, env: { LIVECOUNTER_DEMO: 'true' } }), true);
    assert.equal(await hasCounters({ flags: [...fromFile, '--demo=false'], env: { LIVECOUNTER_DEMO: 'true' } }), false);
  });

  it('from the environment are checked like others', async () => {
    const { code, stderr } = await runToEnd('livecounter', [], { LIVECOUNTER_HTTP_LISTEN: 'nowhere' });
    assert.equal(code, 2);
    assert.match(stderr, /http_listen.*nowhere.*host:port/is);
  });

  it('--check_config tells whether it would run, and does not', async (t) => {
    const folder = scratchFolder();
    const flags = ['--grpc_listen=127.0.0.1:0', '--edge_listen=', '--metrics_listen=127.0.0.1:0', `--data_dir=${folder}/data`];
    const good = await runToEnd('livecounter-counterd', ['--check_config', ...flags]);
    assert.equal(good.code, 0, good.stderr);
    assert.doesNotMatch(good.stdout, /^ready /m);
    const server = await startAllInOne();
    t.after(() => server.kill());
    const taken = await runToEnd('livecounter', ['--check_config', `--http_listen=${server.address.http}`,
      '--console_listen=', '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0', `--data_dir=${folder}/data`]);
    assert.notEqual(taken.code, 0);
    assert.match(taken.stderr, new RegExp(server.address.http));
    const token = path.join(folder, 'token');
    writeFileSync(token, 'an-edge-token-for-nobody-0123456789\n', { mode: 0o600 });
    const unreachable = await runToEnd('livecounter-gateway', ['--check_config', '--http_listen=127.0.0.1:0',
      '--console_listen=', '--metrics_listen=127.0.0.1:0', '--edge=127.0.0.1:1', `--edge_token_file=${token}`]);
    assert.notEqual(unreachable.code, 0);
    assert.match(unreachable.stderr, /127\.0\.0\.1:1/);
  });

  it('--check_config warns of what is away and can be done without', async () => {
    const { code, stderr } = await runToEnd('livecounter-counterd', ['--check_config', '--grpc_listen=127.0.0.1:0',
      '--edge_listen=', '--metrics_listen=', `--data_dir=${scratchFolder()}/data`, '--verifier=127.0.0.1:1']);
    assert.equal(code, 0, stderr);
    const [{ flag, target }] = stderr.split('\n').filter((line) => line.includes('target_not_reached')).map(JSON.parse);
    assert.deepEqual({ flag, target }, { flag: '--verifier', target: '127.0.0.1:1' });
  });
});

describe('the ready line', () => {
  const LISTENERS = {
    livecounter: ['http', 'console', 'grpc', 'metrics'],
    'livecounter-counterd': ['grpc', 'edge', 'metrics'],
    'livecounter-gateway': ['http', 'console', 'metrics'],
  };
  async function readyLine(program, flags) {
    const folder = scratchFolder();
    const token = path.join(folder, 'token');
    writeFileSync(token, 'an-edge-token-for-nobody-0123456789\n', { mode: 0o600 });
    const place = program === 'livecounter-gateway' ? `--edge_token_file=${token}` : `--data_dir=${folder}/data`;
    const running = await Program.start(program, [...flags, place]);
    assert.equal(await running.stop(), 0);
    return running.stdout;
  }

  for (const [program, listeners] of Object.entries(LISTENERS)) {
    it(`of ${program} names the port that each listener got, and is all of standard output`, async () => {
      const fields = listeners.map((listener) => `${listener}=127\\.0\\.0\\.1:[1-9]\\d*`);
      assert.match(await readyLine(program, anyPorts(listeners)), new RegExp(`^ready ${fields.join(' ')}\\n$`));
    });
  }

  it('has IPv6 in brackets, of every listener, and each answers there', async (t) => {
    const flags = ['http', 'console', 'grpc', 'metrics'].map((listener) => `--${listener}_listen=[::1]:0`);
    const running = await Program.start('livecounter', [...flags, `--data_dir=${scratchFolder()}/data`]);
    t.after(() => running.kill());
    assert.match(running.stdout, /^ready http=\[::1\]:\d+ console=\[::1\]:\d+ grpc=\[::1\]:\d+ metrics=\[::1\]:\d+\n$/);
    const { http: edge, console: pages, metrics } = running.address;
    for (const url of [`http://${edge}/counters/1/`, `http://${pages}/`, `http://${metrics}/readyz`]) {
      assert.equal((await fetch(url)).status, 200, url);
    }
  });

  it('leaves out listeners that are switched off', async () => {
    const flags = ['--http_listen=127.0.0.1:0', '--console_listen=', '--grpc_listen=', '--metrics_listen='];
    assert.match(await readyLine('livecounter', flags), /^ready http=127\.0\.0\.1:\d+\n$/);
  });
});

describe('starting and stopping', () => {
  it('a port in use is told, with exit code 1', async (t) => {
    const server = await startAllInOne();
    t.after(() => server.kill());
    const { code, stderr } = await runToEnd('livecounter', [`--http_listen=${server.address.http}`,
      '--console_listen=', '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0', `--data_dir=${scratchFolder()}/data`]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(server.address.http));
  });

  it('a data folder in use is told, with exit code 1', async (t) => {
    const folder = scratchFolder();
    const server = await startAllInOne({ folder });
    t.after(() => server.kill());
    const { code, stderr } = await runToEnd('livecounter', ['--http_listen=127.0.0.1:0', '--console_listen=',
      '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0', `--data_dir=${folder}/data`]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(folder));
  });

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`${signal} ends it with 0 and what was counted is there again`, async (t) => {
      const folder = scratchFolder();
      const server = await startAllInOne({ folder });
      t.after(() => server.kill());
      await post(server.address.http, '/counters/2/');
      assert.equal(await server.stop(signal), 0);
      const next = await startAllInOne({ folder });
      t.after(() => next.kill());
      assert.equal(await hitsOf(next.address.http, 2), 1);
    });
  }

  it('a gateway that nobody is connected to ends soon, with or without its counter service', async () => {
    const cluster = await Cluster.start({ gateways: 2 });
    const endsWithin = async (gateway, ms) => {
      const start = performance.now();
      assert.equal(await gateway.stop(), 0);
      assert.ok(performance.now() - start < ms, `after ${performance.now() - start} ms`);
    };
    await endsWithin(cluster.gateways[0], 2000);
    await cluster.counterd.kill();
    await endsWithin(cluster.gateways[1], 5000);
  });

  it('a second signal ends a drain at once', async (t) => {
    const server = await startAllInOne({ flags: ['--drain_seconds=20'] });
    t.after(() => server.kill());
    const viewers = Array.from({ length: 50 }, (_, i) => new Socket(server.address.http, subPath({ pId: `${i}` })));
    t.after(() => viewers.forEach((viewer) => viewer.ws.terminate()));
    await Promise.all(viewers.map((viewer) => viewer.opened()));
    server.child.kill('SIGTERM');
    await until(async () => (await get(server.address.metrics, '/readyz')).status === 503, 3000);
    const start = performance.now();
    assert.equal(await server.stop('SIGTERM'), 1, 'not a clean end');
    assert.ok(performance.now() - start < 2000);
  });

  it('without demo data there are no counters', async (t) => {
    const server = await startAllInOne({ flags: ['--demo=false'] });
    t.after(() => server.kill());
    assert.equal((await get(server.address.http, '/counters/1/')).status, 404);
  });

  it('counterd has demo data only when asked', async (t) => {
    const folder = scratchFolder();
    const counterd = await Program.start('livecounter-counterd',
      [...anyPorts(['grpc', 'edge', 'metrics']), `--data_dir=${folder}`]);
    const peer = new GrpcPeer(counterd.address.grpc, readFileSync(path.join(folder, 'admin-token'), 'utf8').trim());
    t.after(() => { peer.close(); return counterd.kill(); });
    const admin = await peer.service('livecounter.v1.AdminService');
    assert.deepEqual((await admin.call('ListAccounts', {})).accounts, []);
    const counters = await peer.service('livecounter.v1.CounterService');
    await assert.rejects(counters.call('ListCounters', { parent: 'accounts/demo/products/demo' }),
      (error) => error.code === Code.NOT_FOUND);
  });

  it('demo data is loaded where the store is empty, once', async (t) => {
    const folder = scratchFolder();
    const server = await startAllInOne({ folder });
    await post(server.address.http, '/counters/9/');
    await server.kill();
    const next = await startAllInOne({ folder });
    t.after(() => next.kill());
    assert.equal(await hitsOf(next.address.http, 9), 1);
  });

  it('--admin_token_file gives another token', async (t) => {
    const folder = scratchFolder();
    const file = path.join(folder, 'token');
    writeFileSync(file, 'a-token-of-my-own-0123456789abcdef\n', { mode: 0o600 });
    const server = await startAllInOne({ folder, flags: [`--admin_token_file=${file}`] });
    const peer = new GrpcPeer(server.address.grpc, 'a-token-of-my-own-0123456789abcdef');
    t.after(() => { peer.close(); return server.kill(); });
    assert.throws(() => readFileSync(path.join(folder, 'data', 'admin-token')), /ENOENT/);
    const counters = await peer.service('livecounter.v1.CounterService');
    assert.equal((await counters.call('GetCounter', { name: 'accounts/demo/products/demo/counters/1' })).hits, 0);
  });
});

describe('the metrics port', () => {
  let cluster;
  let allInOne;
  before(async () => {
    [cluster, allInOne] = await Promise.all([Cluster.start({ gateways: 1 }), startAllInOne()]);
  });
  after(() => Promise.all([cluster?.kill(), allInOne?.kill()]));

  const GATEWAY_METRICS = [
    /^livecounter_gateway_connections\{transport="websocket"\} \d/m, /^livecounter_gateway_connections\{transport="sse"\} \d/m,
    /^livecounter_gateway_updates_sent_total\{transport="sse"\} \d/m, /^livecounter_gateway_rejected_total\{reason="\w+"\} \d/m,
    /^livecounter_gateway_update_delay_seconds_bucket/m,
  ];
  const COUNTERD_METRICS = [
    /^livecounter_counterd_hits_total \d/m, /^livecounter_counterd_present \d/m, /^livecounter_counterd_sessions \d/m,
    /^livecounter_counterd_commit_seconds_bucket/m, /^livecounter_presence_audit_mismatch \d/m,
    /^grpc_server_handled_total\{.*grpc_method="GetCounter"/m, /^grpc_server_handling_seconds_bucket/m,
  ];
  const programs = () => [
    [cluster.counterd, COUNTERD_METRICS],
    [cluster.gateways[0], GATEWAY_METRICS],
    [allInOne, [...COUNTERD_METRICS, ...GATEWAY_METRICS]],
  ];

  it('says alive and ready', async () => {
    for (const [{ address }] of programs()) {
      assert.equal((await get(address.metrics, '/healthz')).status, 200);
      await until(async () => (await get(address.metrics, '/readyz')).status === 200, 3000);
    }
  });

  it('shows the promised metrics', async () => {
    for (const [{ name, address }, metrics] of programs()) {
      const { status, text } = await get(address.metrics, '/metrics');
      assert.equal(status, 200);
      for (const metric of metrics) assert.match(text, metric, name);
    }
  });

  it('counts connections and hits', async (t) => {
    const [gateway, counterd] = [cluster.gateways[0].address, cluster.counterd.address];
    const viewer = await new Socket(gateway.http, subPath()).opened();
    t.after(() => viewer.ws.terminate());
    await post(gateway.http, '/counters/2/');
    await until(async () => {
      const { text } = await get(gateway.metrics, '/metrics');
      return /^livecounter_gateway_connections\{transport="websocket"\} 1$/m.test(text);
    }, 3000);
    await until(async () => {
      const { text } = await get(counterd.metrics, '/metrics');
      return /^livecounter_counterd_hits_total 1$/m.test(text) && /^livecounter_counterd_present 1$/m.test(text);
    }, 3000);
  });

  it('never names a counter, a page, a key or a person', async () => {
    const secrets = ['metric-page', 'metric-person', 'metric-key'];
    const { http } = cluster.gateways[0].address;
    const viewer = await new Socket(http, subPath({ urlId: 'metric-page', pId: 'metric-person' })).opened();
    await viewer.untilValue(1);
    await get(http, '/counters/metric-page/?key=metric-key');
    await viewer.close();
    for (const [{ address }] of programs()) {
      const { text } = await get(address.metrics, '/metrics');
      for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    }
  });
});

describe('readiness of a gateway', () => {
  it('waits for its upstream once and outlives a restart of it', async (t) => {
    const cluster = await Cluster.start({ gateways: 1 });
    t.after(() => cluster.kill());
    const ready = async () => (await get(cluster.gateways[0].address.metrics, '/readyz')).status === 200;
    await until(ready, 3000);
    await cluster.counterd.kill();
    assert.ok(await ready());
    await cluster.gateways[0].kill();
    await cluster.startGateway(0);
    assert.ok(!await ready(), 'a gateway that never reached it is not ready');
    assert.equal((await get(cluster.gateways[0].address.metrics, '/healthz')).status, 200);
    await cluster.startCounterd();
    await until(ready, 5000);
  });
});

describe('a gateway that the counter service does not take', () => {
  const wrongToken = () => {
    const file = path.join(scratchFolder(), 'token');
    writeFileSync(file, 'an-edge-token-for-nobody-0123456789\n', { mode: 0o600 });
    return `--edge_token_file=${file}`;
  };
  let cluster;
  before(async () => { cluster = await Cluster.start({ gateways: 0 }); });
  after(() => cluster?.kill());

  it('says why, once', async () => {
    const gateway = await Program.start('livecounter-gateway',
      [...anyPorts(['http', 'metrics']), `--edge=${cluster.edge}`, wrongToken()]);
    await sleep(2500);
    await gateway.stop();
    const told = gateway.logged().filter(({ event }) => event === 'upstream_not_reached');
    assert.equal(told.length, 1, gateway.stderr);
    assert.equal(told[0].level, 'warning');
    assert.match(told[0].status, /UNAUTHENTICATED.*token/);
  });

  it('finds that out with --check_config', async () => {
    const { code, stderr } = await runToEnd('livecounter-gateway',
      ['--check_config', ...anyPorts(['http', 'metrics']), `--edge=${cluster.edge}`, wrongToken()]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${cluster.edge}.*token`));
  });
});

describe('logs', () => {
  it('are one JSON object a line and name no person, key or query', async () => {
    const cluster = await Cluster.start({ gateways: 1, gatewayFlags: ['--log_level=debug'], counterdFlags: ['--log_level=debug'] });
    const base = cluster.hosts[0];
    const secrets = ['log-person', 'log-key', 'log-page', 'log-order'];
    const viewer = await new Socket(base, subPath({ urlId: 'log-page', pId: 'log-person' })).opened();
    await viewer.untilValue(1);
    await new Socket(base, subPath({ urlId: 'log-page', pId: 'log-person', key: 'log-key' })).refused();
    await get(base, '/sub?urlId=log-page&pId=log-person&pId=log-person&key=demo', { accept: 'text/event-stream' });
    await get(base, '/nothing?pId=log-person&key=log-key');
    await post(base, '/counters/2/?key=demo', { 'idempotency-key': 'log-order' });
    await viewer.lose();
    const programs = [cluster.gateways[0], cluster.counterd];
    for (const program of programs) assert.equal(await program.stop(), 0);
    for (const program of programs) {
      const events = program.logged();
      assert.ok(events.length > 0, program.name);
      for (const { time, level, event } of events) {
        assert.match(time, /^\d{4}-\d\d-\d\dT/);
        assert.match(level, /^(debug|info|warning|error)$/);
        assert.match(event, /^[a-z0-9_]+$/);
      }
      for (const secret of secrets) assert.ok(!program.stderr.includes(secret), `${program.name} logs ${secret}`);
    }
  });

  it('can be for people', async () => {
    const server = await startAllInOne({ flags: ['--log_format=text'] });
    await server.stop();
    assert.throws(() => server.logged());
    assert.notEqual(server.stderr, '');
  });
});
