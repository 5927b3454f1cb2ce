// An upgrade and its roll-back under load, as docs/operations/upgrade.md describes them: the programs of the
// release before (tools/previous-binaries) run with these, replaced one at a time, first a gateway, then
// counterd, then the other gateway; then back, the other way round. So each gateway meets each counterd, and
// the store goes from the old counterd to the new one and back.
//
// 200 posters and 500 viewers see no number that is wrong, no hit is lost or counted twice, and no WebSocket
// is closed with anything but 1001. LIVECOUNTER_PREVIOUS_BIN_DIR names other programs of before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Cluster } from '../support/programs.mjs';
import { sleep } from '../support/wait.mjs';
import { Audience } from './audience.mjs';
import { hitFaults, hitSummary, PosterCrowd } from './poster_crowd.mjs';
import { Random } from './random.mjs';

const NEW = '';
const DRAIN_SECONDS = 5;
const COME_MS = 30_000;
const SETTLE_MS = 15_000; // longer than the grace of a lost connection
const LOAD_MS = 2000; // between two steps
const GOING_AWAY = 1001;

function previousBinaries() {
  return process.env.LIVECOUNTER_PREVIOUS_BIN_DIR
    ?? execFileSync(fileURLToPath(new URL('../../tools/previous-binaries', import.meta.url)), { encoding: 'utf8' }).trim();
}

describe('an upgrade, one program at a time, and back', () => {
  const random = new Random(20261122);
  let old;
  let cluster;
  let audience;
  let posters;

  before(async () => {
    old = previousBinaries();
    cluster = await Cluster.start({ gatewayFlags: [`--drain_seconds=${DRAIN_SECONDS}`], from: old });
    audience = new Audience(cluster.hosts, random.fork());
    posters = new PosterCrowd(cluster.hosts, random);
    await audience.settled(COME_MS);
  });
  after(async () => {
    posters?.kill();
    audience?.leave();
    await cluster?.kill();
  });

  const gateway = (index, from) => async () => {
    assert.equal(await cluster.gateways[index].stop(), 0, 'exit code of a drained gateway');
    await cluster.startGateway(index, from);
  };
  const counterd = (from) => async () => {
    assert.equal(await cluster.counterd.stop(), 0, 'exit code of counterd');
    await cluster.startCounterd(from);
  };

  // Nobody comes or leaves: from here on every number but the truth is wrong, but while a counterd that was
  // just started learns who is here.
  async function step(name, replace, { sparesCounterd }) {
    await sleep(LOAD_MS);
    await audience.move(0, 0, sparesCounterd);
    await replace();
    const took = await audience.settled(SETTLE_MS);
    console.log(`${name}: right ${Math.round(took)} ms after it serves; closed with ${JSON.stringify([...audience.closeCodes])}`);
    assert.deepEqual(audience.wrongs, [], name);
    assert.deepEqual([...audience.closeCodes.keys()].filter((code) => code !== GOING_AWAY), [], `close codes, ${name}`);
  }

  it('shows no wrong number and closes with 1001 only', { timeout: 400_000 }, async () => {
    await step('new gateway, old counterd', gateway(0, NEW), { sparesCounterd: true });
    await step('new counterd, one gateway of each', counterd(NEW), { sparesCounterd: false });
    await step('all new', gateway(1, NEW), { sparesCounterd: true });
    await step('back: old gateway, new counterd', gateway(1, old), { sparesCounterd: true });
    await step('back: old counterd, one gateway of each', counterd(old), { sparesCounterd: false });
    await step('back: all old', gateway(0, old), { sparesCounterd: true });
    assert.ok(audience.closeCodes.get(GOING_AWAY) > 0, 'gateways were drained');
  });

  it('loses no hit and counts none twice', { timeout: 60_000 }, async () => {
    const report = await posters.stop();
    console.log(`${hitSummary(report)}, ${audience.valuesSeen} values seen`);
    assert.deepEqual(await hitFaults(report, cluster.hosts[0]), []);
    assert.deepEqual(report.wrongs, []);
    await counterd(NEW)();
    assert.deepEqual(await hitFaults(report, cluster.hosts[0]), [], 'in the store');
  });
});
