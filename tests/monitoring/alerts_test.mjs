// Every alert, caused by its fault in a running system, told by a real Prometheus through a real Alertmanager, and
// taken back when the fault is over. Every time of the rules is divided by 60: an hour is a minute.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { post } from '../support/http.mjs';
import { scratchFolder } from '../support/programs.mjs';
import { Relay } from '../support/relay.mjs';
import { subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { Crowd } from './crowd.mjs';
import { Customer } from './customer.mjs';
import { repository } from './dashboards.mjs';
import { sendFalseDigest } from './false_gateway.mjs';
import { Installation, makeVerifiedProduct } from './installation.mjs';
import { OnCall } from './on_call.mjs';
import { Alertmanager, Prometheus } from './prometheus.mjs';
import { scaled } from './scaled.mjs';
import { SmallDisk } from './small_disk.mjs';

const DIVISOR = 60;
const WINDOWS = ['1h', '6h', '1d', '3d'];
const DEMO = 'accounts/demo/products/demo';
const FULL_GATEWAY = 2; // has room for 30 viewers
const DISK_MEGABYTES = 256;
const STATE_DISK_MEGABYTES = 4;
const LISTED_MS = 10_000;
// The longest short window is 6 hours; then Alertmanager is told within seconds.
const LAST_RESOLVED_MS = (6 * 3600 / DIVISOR + 30) * 1000;

describe('each alert', () => {
  const faults = new Map(); // "name window" → { begun, over }
  let all;
  let relay;
  let disk;
  let stateDisk;
  let customer;
  let key;
  let onCall;
  let alertmanager;
  let prometheus;
  let crowd;
  let users;

  before(async () => {
    customer = await Customer.start();
    disk = await SmallDisk.mount(DISK_MEGABYTES);
    stateDisk = await SmallDisk.mount(STATE_DISK_MEGABYTES);
    const keepsState = { flags: [`--state_dir=${path.join(stateDisk.folder, 'state')}`], surrounding: stateDisk.surrounding };
    all = await Installation.start({
      gateways: [keepsState, {}, { flags: ['--max_connections=30'] }],
      edge: async (target) => {
        relay = await Relay.start(target);
        return relay.address;
      },
      counterd: { dataFolder: path.join(disk.folder, 'data'), flags: [], env: disk.env, surrounding: disk.surrounding },
    });
    ({ key } = await makeVerifiedProduct(all, customer));
    crowd = new Crowd(all.hosts.slice(0, 2));
    crowd.resize(60);
    crowd.every(() => 2, async () => crowd.churn(2));
    crowd.every(() => 40, () => crowd.hit());
    users = new Crowd(all.hosts.slice(0, 1));
    users.every(() => 2, async () => {
      users.resize(20, { key, user: (number) => `w-valid ${number}` });
      users.churn(10, { key, user: (number) => `w-valid ${number}` });
    });
    onCall = await OnCall.start();
    alertmanager = await Alertmanager.start({ folder: scratchFolder(), webhook: onCall.url });
    prometheus = await Prometheus.start({
      folder: scratchFolder(), targets: all.metrics, every: '250ms', alertmanager: alertmanager.address,
      rules: scaled(readFileSync(repository('observability/prometheus/rules.yaml'), 'utf8'), DIVISOR),
    });
  }, { timeout: 120_000 });

  after(async () => {
    await Promise.all([crowd?.over(), users?.over()]);
    await prometheus?.stop();
    await alertmanager?.stop();
    relay?.stop();
    customer?.stop();
    onCall?.stop();
    await all?.kill();
    disk?.remove();
    stateDisk?.remove();
  });

  // Causes a fault, until all of `alerts` ("name" or "name window") were told, and mends it.
  async function provoke(alerts, ms, cause, mend) {
    const begun = performance.now();
    const missing = () => alerts.filter((alert) => !onCall.heard(alert, 'firing', begun));
    await cause();
    await until(() => missing().length === 0, ms, () => `told of ${missing()}; told of ${onCall.names()}`);
    // Where Prometheus gets no processor for four seconds, an alert ends for a moment.
    const unlisted = () => {
      const listed = alertmanager.listed();
      return alerts.filter((alert) => !listed.includes(`"${alert.split(' ')[0]}"`));
    };
    await until(() => unlisted().length === 0, LISTED_MS, () => `amtool lists ${unlisted()}`);
    await mend();
    for (const alert of alerts) faults.set(alert, { begun, over: performance.now() });
  }

  // Alerts that fire or are about to.
  async function states() {
    return (await prometheus.rules()).filter(({ state }) => state && state !== 'inactive').map(({ name, state }) => `${name} ${state}`);
  }

  it('is silent while all is well', { timeout: 90_000 }, async () => {
    // Prometheus looks for its targets 5 seconds after its rules begin, which is long where a minute is a second.
    await until(async () => (await states()).length === 0 && (await prometheus.targets()).every(({ health }) => health === 'up'), 30_000, 'a calm start');
    await sleep(3000);
    onCall.told = [];
    await sleep(20_000);
    const rules = await prometheus.rules();
    assert.deepEqual(rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`), []);
    assert.deepEqual(await states(), []);
    assert.deepEqual(onCall.told, []);
  });

  it('on connects tells that a gateway is full', { timeout: 120_000 }, async () => {
    const tooMany = new Crowd([all.hosts[FULL_GATEWAY]]);
    await provoke(WINDOWS.map((window) => `LiveCounterConnectsFail ${window}`), 60_000, async () => {
      tooMany.resize(30);
      await sleep(500);
      tooMany.every(() => 20, async () => {
        tooMany.resize(tooMany.size + 1);
      });
    }, () => tooMany.over());
  });

  it('on freshness, readiness and usage tells that gateways are cut off, and one cannot write its journal', { timeout: 200_000 }, () => provoke(
    [...WINDOWS.map((window) => `LiveCounterNumbersStale ${window}`), 'LiveCounterNoReadyGateway', 'LiveCounterUsageLate', 'LiveCounterUsageAtRisk'],
    150_000, () => {
      stateDisk.fillUp();
      relay.cut();
    }, () => {
      relay.heal();
      stateDisk.makeRoom();
    },
  ));

  it('on the counter service tells that it is away', { timeout: 60_000 }, () => provoke(
    ['LiveCounterCounterdDown'], 30_000, () => all.counterd.kill(), () => all.startCounterd(),
  ));

  it('on the audit of presence tells of a gateway that holds something else', { timeout: 30_000 }, () => provoke(
    ['LiveCounterPresenceAuditMismatch'], 15_000,
    async () => sendFalseDigest(all.edge, readFileSync(all.tokens.edge, 'utf8').trim()), () => {},
  ));

  it('on commits tells of a disk that syncs slowly', { timeout: 90_000 }, () => provoke(
    ['LiveCounterCommitsSlow'], 60_000, () => disk.slowDown(700), () => disk.slowDown(0),
  ));

  it('on the disk tells of one that fills up, and of one that is full', { timeout: 300_000 }, async () => {
    let filling;
    await provoke(['LiveCounterDiskFillsUp'], 150_000, () => {
      filling = setInterval(() => disk.fill(500_000), 500);
    }, () => clearInterval(filling));
    const admin = await all.service('AdminService');
    // Enough at a time that what the store has set aside is soon used.
    const origins = Array.from({ length: 90 }, (_, i) => `https://${'long-name-'.repeat(5)}${i}.example`);
    const change = (allowed_origins) => admin.call('UpdateProduct', { product: { name: DEMO, allowed_origins }, update_mask: { paths: ['allowed_origins'] } });
    let changing;
    await provoke(['LiveCounterStoreRefusesWrites', 'LiveCounterApiFails'], 120_000, () => {
      disk.fillUp();
      changing = setInterval(() => change(origins).catch(() => {}), 20);
    }, async () => {
      clearInterval(changing);
      disk.makeRoom();
    });
    await until(() => change(['*']).then(() => true, () => false), 20_000, 'the store takes writes again');
    const { status } = await post(all.hosts[0], '/counters/1/');
    assert.equal(status, 200);
  });

  it('on endpoints tells of one that fails', { timeout: 120_000 }, () => provoke(
    ['LiveCounterEndpointsFail'], 90_000, () => { customer.isBroken = true; }, () => { customer.isBroken = false; },
  ));

  it('on verification tells of an endpoint that is too slow for those who come', { timeout: 120_000 }, async () => {
    const quick = customer.delayMs;
    const sockets = [];
    // The breaker of the test before closes with the next answers.
    await until(async () => (await prometheus.query('livecounter_verifier_open_breakers == 0')).length > 0, 60_000, 'the breaker is closed');
    await provoke(['LiveCounterVerificationSlow'], 60_000, async () => {
      customer.delayMs = () => 2000;
      const [host, port] = all.hosts[1].split(':');
      for (let i = 0; i < 6000; i++) {
        const socket = net.connect(Number(port), host);
        socket.on('error', () => {});
        socket.resume();
        socket.write(`GET ${subPath({ urlId: `page ${i}`, key, pId: `w-valid many ${i}` })} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
        sockets.push(socket);
        if (i % 100 === 99) await sleep(20);
      }
    }, () => {
      customer.delayMs = quick;
      for (const socket of sockets) socket.destroy();
    });
  });

  it('on verification tells that nobody answers', { timeout: 120_000 }, () => provoke(
    ['LiveCounterVerificationUnanswered'], 60_000, () => all.verifier.kill(), () => all.startVerifier(),
  ));

  it('ends when its fault is over', { timeout: LAST_RESOLVED_MS + 60_000 }, async () => {
    const open = () => [...faults].filter(([alert, { begun }]) => !onCall.heard(alert, 'resolved', begun)).map(([alert]) => alert);
    await until(() => open().length === 0, LAST_RESOLVED_MS, () => `ended: ${open()}`);
    await until(async () => (await states()).length === 0, 60_000, 'no alert is left');
  });

  it('was provoked, and says what to do', async (t) => {
    const rules = (await prometheus.rules()).filter(({ type }) => type === 'alerting');
    const names = rules.map(({ name, labels }) => [name, labels.window].filter(Boolean).join(' '));
    assert.deepEqual([...faults.keys()].sort(), names.sort());
    for (const { alert: { annotations, labels } } of onCall.told) {
      assert.match(labels.severity, /^(page|ticket)$/);
      for (const text of [annotations.summary, annotations.description]) assert.doesNotMatch(text, /no value|error calling|<.*>/);
      assert.ok(existsSync(repository(annotations.runbook_url)), annotations.runbook_url);
    }
    for (const [alert, { begun, over }] of faults) {
      const seconds = (status, since) => ((onCall.heard(alert, status, begun).at - since) / 1000).toFixed(1);
      t.diagnostic(`${alert}: told after ${seconds('firing', begun)} s, over ${seconds('resolved', over)} s after the fault`);
    }
  });
});
