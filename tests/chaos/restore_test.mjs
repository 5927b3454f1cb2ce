// The restore drill of docs/operations/backup.md, under load: a backup is fetched, counting goes on, the
// store is deleted while counterd is killed, and counterd starts again from the backup. 40 viewers, and 600
// with LIVECOUNTER_CHAOS_LONG=1; there a gateway is replaced after the backup too, so that the backup knows
// a session that never comes back.
//
// Hits are as of the backup and count on from there, exactly; presence is right within 10 seconds; nobody's
// connection is closed. The flag may stay: what is counted since is kept by the next starts.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hitsOf, post } from '../support/http.mjs';
import { Cluster, runToEnd } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { Crowd, Hits } from './crowd.mjs';

const IS_LONG = process.env.LIVECOUNTER_CHAOS_LONG === '1';
const EACH = IS_LONG ? 300 : 20; // viewers at each gateway
const LOAD_MS = IS_LONG ? 10_000 : 500;
const RIGHT_MS = 10_000;
const ANSWERED_MS = 200; // until what counterd answered before it was killed has come
const URL_ID = 'https://shop.example/restored';
const KNOWN = 9; // a counter that only this test hits

describe('a store that is lost under load and restored', () => {
  let cluster;
  let a;
  let b;
  let crowd;
  let hits;
  before(async () => {
    cluster = await Cluster.start();
    [a, b] = cluster.hosts;
    crowd = new Crowd(URL_ID);
    await crowd.come(a, EACH);
    await crowd.come(b, EACH);
    hits = [new Hits(a, 2), new Hits(IS_LONG ? a : b, 3), new Hits(a, 4, { keyed: true })];
  });
  after(async () => {
    crowd?.leave();
    await Promise.all(hits?.map((one) => one.stop()) ?? []);
    await cluster?.kill();
  });

  const hitKnown = async (times) => { while (times--) await post(a, `/counters/${KNOWN}/`); };
  const acknowledged = () => hits.map((one) => one.acknowledged);

  async function backUp(file) {
    const token = path.join(cluster.dataFolder, 'admin-token');
    const { code, stderr } = await runToEnd('livecounterctl', ['backup', file, `--server=${cluster.grpc}`, `--token_file=${token}`]);
    assert.equal(code, 0, stderr);
    return stderr.trim();
  }

  async function replaceGateway() {
    crowd.at(b).forEach((viewer) => viewer.leave());
    crowd.viewers = crowd.at(a);
    await cluster.gateways[1].stop();
    await cluster.startGateway(1);
    await crowd.come(b, EACH);
  }

  async function startAgain() {
    const start = performance.now();
    await cluster.startCounterd();
    return performance.now() - start;
  }

  it('has the hits of the backup, and presence is right within 10 s', async () => {
    await sleep(LOAD_MS);
    await hitKnown(5);
    const backup = path.join(cluster.folder, 'backup.tar');
    const least = acknowledged();
    console.log(await backUp(backup));
    const most = acknowledged().map((count) => count + 1); // one of each may have been on its way
    if (IS_LONG) await replaceGateway();
    await hitKnown(3);
    await sleep(LOAD_MS);
    assert.equal(await hitsOf(a, KNOWN), 8);

    await cluster.counterd.kill();
    rmSync(path.join(cluster.dataFolder, 'store'), { recursive: true });
    await sleep(ANSWERED_MS);
    const before = acknowledged();
    cluster.counterdFlags = [`--restore_from=${backup}`];
    const tookToServe = await startAgain();
    await crowd.join(a, 1); // who comes is in the number too
    const tookToBeRight = await crowd.untilAllSee(crowd.size, RIGHT_MS);
    console.log(`served ${Math.round(tookToServe)} ms after it was started, all ${crowd.size} viewers right ${Math.round(tookToBeRight)} ms later`);
    crowd.assertAllStayed();

    assert.equal(await hitsOf(a, KNOWN), 5, 'as of the backup');
    assert.equal((await post(b, `/counters/${KNOWN}/`)).text, '6\n');
    await sleep(LOAD_MS);
    await Promise.all(hits.map((one) => one.stop()));
    for (const [i, { counter, acknowledged: all, unanswered, keyed, wrongs }] of hits.entries()) {
      const total = await hitsOf(b, counter);
      const since = all - before[i];
      const fact = `counter ${counter}: ${total} counted, ${since} of them since; ${least[i]} to ${most[i]} when the backup was made, ${unanswered} unanswered`;
      console.log(fact);
      assert.deepEqual(wrongs, []);
      assert.ok(since > 0, fact);
      assert.ok(total >= least[i] + since && total <= most[i] + since + (keyed ? 0 : unanswered), fact);
    }
  });

  it('keeps what is counted since when it is started with the same flag', async () => {
    for (const end of ['stop', 'kill']) {
      await hitKnown(1);
      const hit = await hitsOf(a, KNOWN);
      await cluster.counterd[end]();
      await startAgain();
      // Until the gateway has reached it again, it says the last number that it heard.
      await until(async () => await hitsOf(b, KNOWN) === hit, RIGHT_MS, () => `${hit} hits after the ${end}`);
      assert.ok(cluster.counterd.logged().some(({ event }) => event === 'restore_skipped'), 'and says so');
    }
    await crowd.untilAllSee(crowd.size, RIGHT_MS);
    crowd.assertAllStayed();
  });

  it('is not replaced by another backup', async () => {
    const other = path.join(cluster.folder, 'other.tar');
    await backUp(other);
    await cluster.counterd.stop();
    const flags = cluster.counterdFlags;
    cluster.counterdFlags = [`--restore_from=${other}`];
    await assert.rejects(startAgain(), /ended with 1 .*was restored from .*backup\.tar, and --restore_from names .*other\.tar/s);
    cluster.counterdFlags = flags;
    await startAgain();
    await crowd.untilAllSee(crowd.size, RIGHT_MS);
  });
});
