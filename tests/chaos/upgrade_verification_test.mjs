// The programs of the release before (tools/previous-binaries) with those of this one, for what needs all four
// kinds: verification, steered with livecounterctl. In each mixture one program is of the other release than
// the three around it. The product is of the one before: made by its livecounterctl, kept by its counterd.
//
// LIVECOUNTER_PREVIOUS_BIN_DIR names other programs of before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CustomerServer, makeCertificate } from '../support/customer_server.mjs';
import { freePort, Program, runToEnd, scratchFolder } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const PROGRAMS = ['livecounter-counterd', 'livecounter-gateway', 'livecounter-verifier', 'livecounterctl'];
const TOKEN = 'edge-token-of-this-test-0123456789';

const old = process.env.LIVECOUNTER_PREVIOUS_BIN_DIR
  ?? execFileSync(fileURLToPath(new URL('../../tools/previous-binaries', import.meta.url)), { encoding: 'utf8' }).trim();

// Which of the programs are of the release before.
const MIXTURES = [
  ...PROGRAMS.map((odd) => [`only ${odd} is old`, new Set([odd])]),
  ...PROGRAMS.map((odd) => [`only ${odd} is new`, new Set(PROGRAMS.filter((program) => program !== odd))]),
];

describe('verification, with programs of two releases', () => {
  const folder = scratchFolder();
  const edgeToken = path.join(folder, 'edge-token');
  const certificate = makeCertificate(folder);
  let customer;
  let running = []; // counterd, gateway, verifier
  let grpc;
  let fromOld = new Set(PROGRAMS);

  const fileOf = (program) => (fromOld.has(program) ? path.join(old, program) : program);

  async function start(mixture) {
    fromOld = mixture;
    const address = `127.0.0.1:${await freePort()}`;
    const verifier = await Program.start(fileOf('livecounter-verifier'), ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      `--edge_token_file=${edgeToken}`, '--verifier_allow_private_networks=127.0.0.0/8', `--verifier_ca_file=${certificate.cert}`]);
    running = [verifier];
    const toVerifier = `--verifier=${verifier.address.grpc}`;
    const counterd = await Program.start(fileOf('livecounter-counterd'), [`--grpc_listen=${address}`, '--edge_listen=127.0.0.1:0',
      '--metrics_listen=127.0.0.1:0', `--edge_token_file=${edgeToken}`, `--data_dir=${path.join(folder, 'data')}`, '--demo', toVerifier]);
    running.push(counterd);
    const gateway = await Program.start(fileOf('livecounter-gateway'), ['--http_listen=127.0.0.1:0', '--console_listen=127.0.0.1:0',
      '--metrics_listen=127.0.0.1:0', `--counterd=${address}`, `--edge=${counterd.address.edge}`,
      `--edge_token_file=${edgeToken}`, '--drain_seconds=0', toVerifier]);
    running.push(gateway);
    grpc = address;
    return gateway.address.http;
  }

  async function stop() {
    for (const program of running.reverse()) assert.equal(await program.stop(), 0, `exit code of ${program.name}`);
    running = [];
  }

  async function ctl(...args) {
    const token = path.join(folder, 'data', 'admin-token');
    const { code, stdout, stderr } = await runToEnd(fileOf('livecounterctl'), [...args, `--server=${grpc}`, `--token_file=${token}`],
      { HOME: folder, XDG_CONFIG_HOME: path.join(folder, '.config') });
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  const accepted = async () => {
    const { points } = JSON.parse(await ctl('usage', 'shop', '--by=hour', '-o', 'json'));
    return points.reduce((sum, { connections }) => sum + Number(connections), 0);
  };

  before(async () => {
    writeFileSync(edgeToken, `${TOKEN}\n`, { mode: 0o600 });
    customer = await CustomerServer.start(certificate);
    await start(new Set(PROGRAMS));
    await ctl('account', 'create', 'shop');
    await ctl('account', 'activate', 'shop');
    await ctl('product', 'create', 'shop/web');
    customer.key = JSON.parse(await ctl('key', 'create', 'shop/web', '-o', 'json')).key;
    await ctl('product', 'save-verification', 'shop/web', customer.uri);
    await stop();
  });
  after(async () => {
    await Promise.all(running.map((program) => program.kill()));
    await customer?.stop();
  });

  for (const [name, mixture] of MIXTURES) {
    it(name, { timeout: 60_000 }, async () => {
      const host = await start(mixture);
      const usageBefore = await accepted();
      const sockets = [];
      const view = (pId) => {
        sockets.push(new Socket(host, subPath({ urlId: name, key: customer.key, pId })));
        return sockets.at(-1);
      };
      try {
        const stranger = view('w-invalid');
        await stranger.untilValue(0);
        await view('w-valid one').untilValue(1);
        view('w-valid two');
        await stranger.untilValue(2);
        await sleep(1200); // the stranger's verdict has come by now
        assert.equal(stranger.value, 2);
        const { hits, present } = JSON.parse(await ctl('counter', 'get', `shop/web/${name}`, '-o', 'json'));
        assert.deepEqual([Number(hits ?? 0), Number(present)], [0, 2]);
        const saved = await ctl('product', 'save-verification', 'shop/web', customer.uri);
        assert.match(saved, /pass|saved/i);
        await until(async () => (await accepted()) === usageBefore + 3, 5000, 'three connections in the usage');
      } finally {
        for (const { ws } of sockets) ws.terminate();
      }
      await stop();
    });
  }
});
