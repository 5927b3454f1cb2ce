// The clients of examples/clients against real gateways: each shows every number, comes back when its gateway
// does, and stops when its key is revoked.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Cluster, runToEnd } from '../tests/support/programs.mjs';
import { Socket, subPath } from '../tests/support/socket.mjs';
import { until, within } from '../tests/support/wait.mjs';

const folder = fileURLToPath(new URL('clients', import.meta.url));
const CLIENTS = [
  { file: 'client.mjs', program: process.execPath, scheme: 'ws' },
  { file: 'client.py', program: 'python3', scheme: 'http' },
  { file: 'client.sh', program: 'bash', scheme: 'http' },
];

class Client {
  lines = [];
  stderr = '';

  constructor({ file, program, scheme }, key, urlId, host) {
    this.child = spawn('setpriv', ['--pdeathsig', 'TERM', program, path.join(folder, file), key, urlId, `${file} ü`, `${scheme}://${host}`],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    this.child.stdout.on('data', (chunk) => {
      text += chunk;
      this.lines = text.split('\n').slice(0, -1);
    });
    this.child.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.exited = once(this.child, 'close');
  }

  shows(number, ms = 10_000) {
    return until(() => this.lines.at(-1) === String(number), ms, () => `${number} in ${this.lines} ${this.stderr}`);
  }
}

describe('a client of 30 lines', () => {
  const urlId = 'https://shop.example/a?b=c&d';
  let cluster;
  let key;

  async function ctl(...args) {
    const token = path.join(cluster.dataFolder, 'admin-token');
    const { code, stdout, stderr } = await runToEnd('livecounterctl', [...args, `--server=${cluster.grpc}`, `--token_file=${token}`, '-o=json'],
      { HOME: cluster.folder });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  before(async () => {
    cluster = await Cluster.start({ gateways: 2 });
    key = (await ctl('key', 'create', 'demo/demo')).key;
  });
  after(() => cluster?.kill());

  for (const { file } of CLIENTS) {
    it(`${file} has 30`, () => {
      assert.ok(readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n').length <= 30);
    });
  }

  it('shows the numbers, comes back, and stops for good when it is told to', { timeout: 60_000 }, async (t) => {
    const [restarted, other] = cluster.hosts;
    const clients = CLIENTS.map((client) => new Client(client, key, urlId, restarted));
    t.after(() => clients.forEach(({ child }) => child.kill()));
    const visitor = await new Socket(other, subPath({ urlId, pId: 'visitor' })).opened();
    t.after(() => visitor.ws.terminate());
    await visitor.untilValue(4);
    await Promise.all(clients.map((client) => client.shows(4)));

    await cluster.gateways[0].kill();
    await visitor.close();
    await cluster.startGateway(0);
    await Promise.all(clients.map((client) => client.shows(3, 20_000)));

    const { apiKeys } = await ctl('key', 'list', 'demo/demo');
    await ctl('key', 'revoke', apiKeys.find((each) => each.key === key).name, '--yes');
    for (const client of clients) {
      const [code] = await within(15_000, client.exited, `end of ${client.child.spawnargs}`);
      assert.equal(code, 1);
      assert.match(client.stderr, /key revoked|"status":401/);
    }
    for (const { lines } of clients) assert.ok(lines.every((line) => /^\d+$/.test(line)), lines.join());
  });
});
