// A real Prometheus, and a real Alertmanager, of Debian's packages (tools/install-prometheus): started on loopback
// with a configuration of the test's own, and asked over HTTP.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from '../support/http.mjs';
import { freePort } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';
import { repository } from './dashboards.mjs';
import { mounted } from './mounts.mjs';

const START_MS = 30_000;

const UNPACKED = repository('build/prometheus/usr');

// Where a command of these packages is.
export function tool(name) {
  const unpacked = `${UNPACKED}/bin/${name}`;
  return existsSync(unpacked) ? unpacked : name;
}

// What stands before a command that looks for files of its package under /usr/share.
function withItsFiles(name) {
  return tool(name) === name ? [] : mounted(`mount --bind "${UNPACKED}/share" /usr/share`);
}

// The programs are started here, since they print no ready line.
class Daemon {
  output = '';

  constructor(name, flags, surrounding = []) {
    this.name = name;
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...surrounding, tool(name), ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => { this.output += chunk; });
    this.exited = once(this.child, 'close');
  }

  async untilReady(address) {
    await until(() => {
      if (this.child.exitCode !== null) throw new Error(`${this.name} ended:\n${this.output}`);
      return request(address, '/-/ready').then(({ status }) => status === 200, () => false);
    }, START_MS, () => `${this.name} ready:\n${this.output}`);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.exited;
  }
}

async function getJson(address, path) {
  const { status, text } = await request(address, path, { ms: 30_000 });
  const answer = JSON.parse(text);
  if (status !== 200) throw new Error(`${path}: ${answer.error ?? text}`);
  return answer;
}

export class Prometheus {
  // `targets`: addresses by job. `rules`: the text of a rule file. `every`: the interval of scrapes and evaluations.
  static async start({ folder, targets, rules, every = '1s', alertmanager }) {
    const prometheus = new Prometheus();
    prometheus.address = `127.0.0.1:${await freePort()}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/rules.yaml`, rules);
    const jobs = Object.entries(targets).map(([job_name, addresses]) => ({ job_name, static_configs: [{ targets: addresses }] }));
    writeFileSync(`${folder}/prometheus.yaml`, JSON.stringify({
      global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
      rule_files: [`${folder}/rules.yaml`],
      scrape_configs: jobs,
      ...(alertmanager && { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    }));
    prometheus.daemon = new Daemon('prometheus', [
      `--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${prometheus.address}`,
      '--query.lookback-delta=5s', '--rules.alert.resend-delay=1s', '--log.level=warn',
    ]);
    await prometheus.daemon.untilReady(prometheus.address);
    return prometheus;
  }

  async #ask(path, parameters = {}) {
    if (this.daemon.child.exitCode !== null) throw new Error(`prometheus ended:\n${this.daemon.output}`);
    return (await getJson(this.address, `/api/v1/${path}?${new URLSearchParams(parameters)}`)).data;
  }

  async query(expression) {
    return (await this.#ask('query', { query: expression })).result;
  }

  // Series as { metric, values: [[seconds, text]…] }.
  async range(expression, start, end, step) {
    return (await this.#ask('query_range', { query: expression, start, end, step })).result;
  }

  labelValues(label, selector) {
    return this.#ask(`label/${label}/values`, { 'match[]': selector });
  }

  async rules() {
    return (await this.#ask('rules')).groups.flatMap(({ rules }) => rules);
  }

  targets() {
    return this.#ask('targets').then(({ activeTargets }) => activeTargets);
  }

  stop() {
    return this.daemon.stop();
  }
}

export class Alertmanager {
  // Tells `webhook` of every alert that begins and ends, at once.
  static async start({ folder, webhook }) {
    const alertmanager = new Alertmanager();
    alertmanager.address = `127.0.0.1:${await freePort()}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/alertmanager.yaml`, JSON.stringify({
      route: { receiver: 'test', group_by: ['alertname', 'window'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
      receivers: [{ name: 'test', webhook_configs: [{ url: webhook, send_resolved: true }] }],
    }));
    alertmanager.daemon = new Daemon('prometheus-alertmanager', [
      `--config.file=${folder}/alertmanager.yaml`, `--storage.path=${folder}/data`, `--web.listen-address=${alertmanager.address}`,
      '--cluster.listen-address=', '--log.level=warn',
    ], withItsFiles('prometheus-alertmanager'));
    await alertmanager.daemon.untilReady(alertmanager.address);
    return alertmanager;
  }

  // What amtool shows to people on call.
  listed() {
    return execFileSync(tool('amtool'), ['alert', 'query', `--alertmanager.url=http://${this.address}`, '-o', 'json'], { encoding: 'utf8' });
  }

  stop() {
    return this.daemon.stop();
  }
}
