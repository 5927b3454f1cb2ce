// Starts the real programs in folders and on ports of their own, and leaves nothing behind.
//
// Every program runs under `setpriv --pdeathsig`: it dies with the test, even when that is killed.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './wait.mjs';

const START_MS = 20_000;
const STOP_MS = 40_000;

// A program of this build by its name; an absolute path as it is.
export function binaryPath(name) {
  const folder = process.env.LIVECOUNTER_BIN_DIR
    ?? fileURLToPath(new URL('../../build/release/bin', import.meta.url));
  return path.resolve(folder, name);
}

let scratch;

// An empty folder, removed when the test process ends.
export function scratchFolder() {
  if (!scratch) {
    scratch = mkdtempSync(path.join(tmpdir(), 'livecounter-test-'));
    process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  }
  return mkdtempSync(path.join(scratch, 'run-'));
}

// One running program.
export class Program {
  stdout = '';
  stderr = '';

  // Starts `name` with `flags`; `address` is filled once it is ready. `surrounding` is a command that
  // runs it in a place of its own and becomes the program itself, as nsenter does.
  constructor(name, flags, env = {}, surrounding = []) {
    this.name = path.basename(name);
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...surrounding, binaryPath(name), ...flags],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (chunk) => { this.stdout += chunk; });
    this.child.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.exited = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  // Starts it and waits for the ready line: this.address.http, .grpc, .edge, .metrics, …
  static async start(name, flags, env, surrounding) {
    const program = new Program(name, flags, env, surrounding);
    await within(START_MS, Promise.race([program.#ready(), program.#diedEarly()]), `${name} ready`);
    return program;
  }

  async #ready() {
    while (!this.stdout.includes('\n')) await once(this.child.stdout, 'data');
    const line = this.stdout.split('\n')[0];
    if (!line.startsWith('ready ')) throw new Error(`${this.name} said first: ${line}`);
    this.address = Object.fromEntries(line.split(' ').slice(1).map((field) => field.split(/=(.*)/s)));
  }

  async #diedEarly() {
    const { code, signal } = await this.exited;
    throw new Error(`${this.name} ended with ${code ?? signal} before it was ready:\n${this.stderr}`);
  }

  get pid() {
    return this.child.pid;
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  // kill -9.
  async kill() {
    this.child.kill('SIGKILL');
    return this.exited;
  }

  // Stands still until resume(), and notices nothing. Returns once every thread does.
  pause() {
    this.child.kill('SIGSTOP');
    while (!this.#standsStill()) ;
  }

  #standsStill() {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks).every((task) => /^State:\s+T/m.test(readFileSync(`${tasks}/${task}/status`, 'utf8')));
  }

  resume() {
    this.child.kill('SIGCONT');
  }

  // Drains and ends; the exit code.
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    const { code } = await within(STOP_MS, this.exited, `${this.name} ended after ${signal}`);
    return code;
  }

  // What it logged, one object an event.
  logged() {
    return this.stderr.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
}

// Runs a program to its end: { code, stdout, stderr }.
export async function runToEnd(name, flags, env) {
  const program = new Program(name, flags, env);
  try {
    const { code } = await within(START_MS, program.exited, `end of ${name} ${flags.join(' ')}`);
    return { code, stdout: program.stdout, stderr: program.stderr };
  } finally {
    program.child.kill('SIGKILL');
  }
}

// All in one process, with demo data.
export function startAllInOne({ folder = scratchFolder(), flags = [], env, surrounding } = {}) {
  return Program.start('livecounter', [
    '--http_listen=127.0.0.1:0', '--console_listen=127.0.0.1:0', '--grpc_listen=127.0.0.1:0',
    '--metrics_listen=127.0.0.1:0',
    `--data_dir=${path.join(folder, 'data')}`, ...flags,
  ], env, surrounding);
}

// One counterd and some gateways, on addresses that stay the same over restarts. `from` is a folder with the
// programs of another release. `keepState`: gateways have a --state_dir each.
export class Cluster {
  gateways = [];
  #tokenFile;

  static async start({ gateways = 2, counterdFlags = [], gatewayFlags = [], keepState = false, from = '' } = {}) {
    const cluster = new Cluster();
    cluster.folder = scratchFolder();
    cluster.counterdFlags = counterdFlags;
    cluster.gatewayFlags = gatewayFlags;
    cluster.keepState = keepState;
    cluster.#tokenFile = path.join(cluster.folder, 'edge-token');
    writeFileSync(cluster.#tokenFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
    cluster.grpc = `127.0.0.1:${await freePort()}`;
    cluster.edge = `127.0.0.1:${await freePort()}`;
    cluster.hosts = [];
    for (let i = 0; i < gateways; i++) cluster.hosts.push(`127.0.0.1:${await freePort()}`);
    await cluster.startCounterd(from);
    for (let i = 0; i < gateways; i++) await cluster.startGateway(i, from);
    return cluster;
  }

  get dataFolder() {
    return path.join(this.folder, 'data');
  }

  async startCounterd(from = '') {
    this.counterd = await Program.start(path.join(from, 'livecounter-counterd'), [
      `--grpc_listen=${this.grpc}`, `--edge_listen=${this.edge}`, '--metrics_listen=127.0.0.1:0',
      `--edge_token_file=${this.#tokenFile}`, `--data_dir=${this.dataFolder}`, '--demo',
      ...this.counterdFlags,
    ]);
  }

  stateFolder(index) {
    return path.join(this.folder, `gateway-${index}`);
  }

  async startGateway(index, from = '') {
    const state = this.keepState ? [`--state_dir=${this.stateFolder(index)}`] : [];
    this.gateways[index] = await Program.start(path.join(from, 'livecounter-gateway'), [
      `--http_listen=${this.hosts[index]}`, '--console_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      `--counterd=${this.grpc}`, `--edge=${this.edge}`, `--edge_token_file=${this.#tokenFile}`, ...state, ...this.gatewayFlags,
    ]);
  }

  adminToken() {
    return readFileSync(path.join(this.dataFolder, 'admin-token'), 'utf8').trim();
  }

  // Ends everything at once.
  async kill() {
    await Promise.all([this.counterd, ...this.gateways].map((program) => program.kill()));
  }
}

let lastPort = 20_000 + (process.pid * 31) % 10_000;

// A free port on loopback from below the range that the kernel gives to outgoing connections, so that it
// is still free when a program comes back to it.
export async function freePort() {
  for (let tries = 0; tries < 1000; tries++) {
    lastPort = 20_000 + (lastPort + 1 - 20_000) % 10_000;
    const server = net.createServer().listen(lastPort, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return lastPort;
  }
  throw new Error('no free port on loopback from 20000 to 29999');
}
