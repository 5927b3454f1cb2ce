// Starting from a backup (contract §7): --restore_from gives the copied values under a new epoch, which
// every client takes for news. What a stopped program leaves behind is a backup too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventStream, parseId } from '../support/event_stream.mjs';
import { hitsOf, post } from '../support/http.mjs';
import { Cluster, runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';

const anyPorts = (folder) => ['--http_listen=127.0.0.1:0', '--console_listen=', '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
  `--data_dir=${folder}/data`];

describe('livecounterctl backup', () => {
  let server;
  let folder;
  before(async () => {
    folder = scratchFolder();
    server = await startAllInOne({ folder });
    for (let i = 0; i < 3; i++) await post(server.address.http, '/counters/2/');
  });
  after(() => server?.kill());

  const backUp = (...args) => runToEnd('livecounterctl',
    ['backup', ...args, `--server=${server.address.grpc}`, `--token_file=${path.join(folder, 'data', 'admin-token')}`]);

  async function hitsRestoredFrom(backup) {
    const restored = await startAllInOne({ flags: [`--restore_from=${backup}`] });
    const hits = await hitsOf(restored.address.http, 2);
    await restored.kill();
    return hits;
  }

  it('fetches a tar for its owner only, which other programs can read and check', async () => {
    const file = path.join(folder, 'backup.tar');
    const { code, stderr } = await backUp(file);
    assert.equal(code, 0, stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    execFileSync('tar', ['xf', file, '-C', folder]);
    const unpacked = path.join(folder, 'backup');
    assert.match(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: unpacked, encoding: 'utf8' }), /^CURRENT: OK$/m);
    const [sum] = execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ');
    assert.match(stderr, new RegExp(sum));
    assert.equal(await hitsRestoredFrom(file), 3);
    assert.equal(await hitsRestoredFrom(unpacked), 3);
  });

  it('leaves nothing behind at the server', async () => {
    assert.deepEqual(readdirSync(path.join(folder, 'data')).sort(), ['admin-token', 'edge-token', 'store']);
  });

  it('writes over nothing', async () => {
    const { code, stderr } = await backUp(path.join(folder, 'backup.tar'));
    assert.equal(code, 1);
    assert.match(stderr, /backup\.tar: File exists/);
  });

  it('--on_server makes a directory there', async () => {
    const directory = path.join(folder, 'on-server');
    assert.equal((await backUp('--on_server', directory)).code, 0);
    assert.equal(await hitsRestoredFrom(directory), 3);
  });

  it('that is cut off is not restored', async () => {
    const file = path.join(folder, 'cut.tar');
    assert.equal((await backUp(file)).code, 0);
    truncateSync(file, statSync(file).size - 2000);
    mkdirSync(path.join(folder, 'cut'));
    const { code, stderr } = await runToEnd('livecounter', [...anyPorts(path.join(folder, 'cut')), `--restore_from=${file}`]);
    assert.equal(code, 1);
    assert.match(stderr, /cut\.tar cannot be restored: the archive is not complete/);
    assert.equal(existsSync(path.join(folder, 'cut', 'data', 'store')), false);
  });
});

describe('--restore_from', () => {
  it('starts from a backup, and every client accepts the lower values', async (t) => {
    const cluster = await Cluster.start({ gateways: 1 });
    t.after(() => cluster.kill());
    const [base] = cluster.hosts;
    const store = path.join(cluster.dataFolder, 'store');
    const backup = path.join(cluster.folder, 'backup');
    const hit = async (times) => { while (times--) await post(base, '/counters/2/'); };
    await hit(3);
    assert.equal(await cluster.counterd.stop(), 0);
    cpSync(store, backup, { recursive: true });
    await cluster.startCounterd();
    await hit(2);
    const stream = await EventStream.open(base, '/counters/2/');
    t.after(() => stream.close());
    await stream.untilValue(5);
    const { id } = stream.events.at(-1);

    await cluster.counterd.kill();
    rmSync(store, { recursive: true });
    cluster.counterdFlags = [`--restore_from=${backup}`];
    await cluster.startCounterd();
    await stream.untilValue(3, 10_000);
    assert.ok(parseId(stream.events.at(-1).id)[0] > parseId(id)[0], 'a new epoch');
    const late = await EventStream.open(base, '/counters/2/', { 'last-event-id': id });
    t.after(() => late.close());
    await late.untilEvents(1, 1000);
    assert.equal(late.value, 3);
    assert.equal((await post(base, '/counters/2/')).text, '4\n');
    assert.equal(await hitsOf(base, 2), 4);

    await cluster.counterd.stop();
    await cluster.startCounterd();
    assert.equal(await hitsOf(base, 2), 4, 'the flag may stay');
  });

  it('of what is no backup ends with 1, names it and leaves no store', async () => {
    const folder = scratchFolder();
    const nothing = path.join(folder, 'nothing');
    const { code, stderr } = await runToEnd('livecounter', [...anyPorts(folder), `--restore_from=${nothing}`]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(nothing));
    assert.equal(existsSync(path.join(folder, 'data', 'store')), false);
    const check = await runToEnd('livecounter', ['--check_config', ...anyPorts(folder), `--restore_from=${nothing}`]);
    assert.equal(check.code, 1);
    assert.match(check.stderr, new RegExp(nothing));
  });

  it('never replaces a store', async (t) => {
    const cluster = await Cluster.start({ gateways: 1 });
    t.after(() => cluster.kill());
    await post(cluster.hosts[0], '/counters/2/');
    await cluster.counterd.stop();
    const store = path.join(cluster.dataFolder, 'store');
    const backup = path.join(cluster.folder, 'backup');
    cpSync(store, backup, { recursive: true });
    cluster.counterdFlags = [`--restore_from=${backup}`];
    await assert.rejects(cluster.startCounterd(), new RegExp(`ended with 1 .*${store} holds a store already`, 's'));
    cluster.counterdFlags = [];
    await cluster.startCounterd();
    assert.equal((await post(cluster.hosts[0], '/counters/2/')).text, '2\n');
  });
});
