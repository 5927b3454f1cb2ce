// Starting from a backup (contract §7): --restore_from gives the copied values under a new epoch, which
// every client takes for news. What a stopped program leaves behind is a backup too.
import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EventStream, parseId } from '../support/event_stream.mjs';
import { hitsOf, post } from '../support/http.mjs';
import { Cluster, runToEnd, scratchFolder } from '../support/programs.mjs';

const anyPorts = (folder) => ['--http_listen=127.0.0.1:0', '--console_listen=', '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
  `--data_dir=${folder}/data`];

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
