// Programs that stand still (SIGSTOP) and go on: 3 seconds, and 30 with LIVECOUNTER_CHAOS_LONG=1.
//
// counterd: numbers stand still, hits wait, nobody is closed, and nobody is expired for its absence. A
// gateway: within its lease of 10 s nobody else notices; after that its share is gone, as a whole, and comes
// back with it. Its own viewers stay connected.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Cluster } from '../support/programs.mjs';
import { sleep } from '../support/wait.mjs';
import { Crowd, Hits } from './crowd.mjs';

const IS_LONG = process.env.LIVECOUNTER_CHAOS_LONG === '1';
const STALL_MS = IS_LONG ? 30_000 : 3000;
const RIGHT_MS = 12_000;
const LEASE_MS = 10_000;
const EACH = 20; // viewers at each gateway
const POST_MS = 5000; // a hit is not kept waiting for longer
const SLACK_MS = 2000;

describe(`after ${STALL_MS / 1000} s of standing still`, () => {
  let cluster;
  let a;
  let b;
  before(async () => {
    cluster = await Cluster.start();
    [a, b] = cluster.hosts;
  });
  after(() => cluster?.kill());

  async function crowdOf(t, urlId) {
    const crowd = new Crowd(urlId);
    t.after(() => crowd.leave());
    await crowd.come(a, EACH);
    await crowd.come(b, EACH);
    return crowd;
  }

  async function stall(program, ms = STALL_MS) {
    program.pause();
    try {
      await sleep(ms);
    } finally {
      program.resume();
    }
  }

  it('counterd is right again, and no number has dipped', async (t) => {
    const crowd = await crowdOf(t, 'counterd stalled');
    const hits = [new Hits(a, 2), new Hits(b, 3, { keyed: true })];
    t.after(() => Promise.all(hits.map((one) => one.stop())));
    const start = performance.now();
    const stalled = stall(cluster.counterd);
    await crowd.join(a, 1);
    await stalled;
    const took = await crowd.untilAllSee(2 * EACH + 1, RIGHT_MS);
    await sleep(SLACK_MS);
    for (const host of [a, b]) {
      assert.deepEqual(crowd.seenSince(start, host).filter((value) => value < 2 * EACH), [], `dips at ${host}`);
    }
    crowd.assertAllStayed();
    for (const one of hits) {
      console.log(`counter ${one.counter}: ${await one.check(a)}, longest ${Math.round(one.longestMs)} ms`);
      assert.ok(one.longestMs > Math.min(STALL_MS, POST_MS) - SLACK_MS, 'a hit waited');
      assert.ok(one.longestMs < POST_MS + SLACK_MS, `a hit waited ${one.longestMs} ms`);
    }
    console.log(`counterd: right ${Math.round(took)} ms after it went on`);
  });

  it('a gateway is right again', async (t) => {
    const crowd = await crowdOf(t, 'gateway stalled');
    const hits = [new Hits(a, 4), new Hits(b, 5)];
    t.after(() => Promise.all(hits.map((one) => one.stop())));
    const start = performance.now();
    await stall(cluster.gateways[0]);
    const took = await crowd.untilAllSee(2 * EACH, RIGHT_MS);
    await sleep(SLACK_MS);
    crowd.assertAllStayed();
    const gone = crowd.at(b)[0].seen.filter(({ value, at }) => at > start && value === EACH);
    if (STALL_MS < LEASE_MS) {
      assert.deepEqual(crowd.seenSince(start, b).filter((value) => value !== 2 * EACH), [], 'dips');
    } else {
      assert.deepEqual(crowd.seenSince(start, b), [EACH, 2 * EACH], 'a share that leaves and comes back as a whole');
      assert.ok(gone[0].at - start > LEASE_MS - SLACK_MS && gone[0].at - start < LEASE_MS + SLACK_MS, `gone after ${gone[0].at - start} ms`);
    }
    assert.deepEqual(crowd.seenSince(start, a).filter((value) => value !== EACH && value !== 2 * EACH), [], `values at ${a}`);
    for (const one of hits) console.log(`counter ${one.counter}: ${await one.check(b)}, longest ${Math.round(one.longestMs)} ms`);
    assert.ok(hits[1].longestMs < STALL_MS, 'hits at the other gateway go on');
    console.log(`gateway: right ${Math.round(took)} ms after it went on`);
  });
});
