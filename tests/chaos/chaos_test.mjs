// Kill cycles: real programs under 200 posters and 500 viewers are killed at random moments, started again,
// and then everything must be right again. LIVECOUNTER_CHAOS_CYCLES says how often (5), LIVECOUNTER_CHAOS_SEED
// at which moments. After each way to be killed comes one of the other hurts, which are not counted; arguments
// name those to take, all of them by default.
//
// In every cycle: presence is the truth for everybody within 12 seconds after healing, no number dips
// below those who stayed, no connection sees an older (epoch, revision), and no program ends by itself.
// At the end: every acknowledged hit was counted once and none twice, unanswered ones at most once,
// those with an Idempotency-Key exactly once; and all of it survives one more kill of everything.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { get } from '../support/http.mjs';
import { Cluster } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { Audience } from './audience.mjs';
import { hitFaults, hitSummary, PosterCrowd } from './poster_crowd.mjs';
import { Random } from './random.mjs';

const CYCLES = Number(process.env.LIVECOUNTER_CHAOS_CYCLES ?? 5);
const SEED = Number(process.env.LIVECOUNTER_CHAOS_SEED ?? Date.now() % 1_000_000);
const SETTLE_MS = 12_000;
const MOVING_SHARE = 0.15;
const MOVING_MS = 2000;

async function loadHurts(names) {
  const folder = new URL('hurts/', import.meta.url);
  const all = readdirSync(folder).map((file) => file.replace('.mjs', ''));
  const unknown = names.filter((name) => !all.includes(name));
  assert.deepEqual(unknown, [], `hurts are ${all.join(', ')}`);
  return Promise.all((names.length ? names : all).map(async (name) => {
    return { name, ...await import(new URL(`${name}.mjs`, folder)) };
  }));
}

const isKill = ({ name }) => name.endsWith('_killed');

// Each round has all kills, in an order of its own, and one of the others.
function* inTurn(hurts, random) {
  const kills = hurts.filter(isKill);
  const others = hurts.filter((hurt) => !isKill(hurt));
  for (;;) {
    yield* random.shuffled(kills);
    if (others.length) yield random.pick(others);
  }
}

class Run {
  wrongs = [];
  slowest = 0;
  cycles = 0;
  kills = 0;

  async start(random) {
    this.cluster = await Cluster.start({ gateways: 2, gatewayFlags: ['--drain_seconds=2'] });
    this.audience = new Audience(this.cluster.hosts, random.fork());
    this.posters = new PosterCrowd(this.cluster.hosts, random);
    await this.audience.settled(20_000);
  }

  async cycle({ name, hurt, sparesCounterd }, random) {
    const number = ++this.cycles;
    this.#checkRunning();
    const moving = random.next() < 0.5;
    await sleep(random.upTo(1000));
    const before = this.audience.wrongs.length;
    const moved = this.audience.move(moving ? MOVING_SHARE : 0, MOVING_MS, sparesCounterd ?? false);
    await sleep(random.upTo(moving ? MOVING_MS : 0));
    await hurt(this.cluster, random);
    await moved;
    const took = await this.audience.settled(SETTLE_MS);
    this.slowest = Math.max(this.slowest, took);
    await this.#untilCounterdKnows();
    const mismatches = await this.#counterdMetric('livecounter_presence_audit_mismatch');
    if (mismatches) this.wrongs.push(`cycle ${number}: ${mismatches} audit mismatches`);
    console.log(`cycle ${number}: ${name}${moving ? ', viewers moving' : ''}: right ${Math.round(took)} ms after healing`);
    for (const wrong of this.audience.wrongs.slice(before)) console.log(`WRONG: ${wrong}`);
  }

  // Gateways show their last numbers before they have told a new counterd whom they hold.
  #untilCounterdKnows() {
    const isKnown = async () => (await this.#counterdMetric('livecounter_counterd_present')) >= this.audience.total;
    return until(isKnown, 5000, 'known to counterd who is here');
  }

  async #counterdMetric(name) {
    const { text } = await get(this.cluster.counterd.address.metrics, '/metrics');
    const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
    assert.ok(match, `metric ${name}`);
    return Number(match[1]);
  }

  #checkRunning() {
    for (const program of [this.cluster.counterd, ...this.cluster.gateways]) {
      if (!program.isRunning) this.wrongs.push(`${program.name} ended by itself:\n${program.stderr.slice(-2000)}`);
    }
  }

  printLogs() {
    for (const { name, address, stderr } of [this.cluster.counterd, ...this.cluster.gateways]) {
      console.log(`last of ${name} at ${address.http ?? address.edge}:\n${stderr.slice(-2000)}`);
    }
  }

  async finish() {
    const report = await this.posters.stop();
    this.wrongs.push(...await hitFaults(report, this.cluster.hosts[0]));
    this.audience.leave();
    await this.cluster.kill();
    await Promise.all([this.cluster.startCounterd(), ...this.cluster.hosts.map((_, i) => this.cluster.startGateway(i))]);
    this.wrongs.push(...await hitFaults(report, this.cluster.hosts[0]));
    this.wrongs.push(...report.wrongs, ...this.audience.wrongs);
    return report;
  }

  async end() {
    this.posters?.kill();
    this.audience?.leave();
    await this.cluster?.kill();
  }
}

function summary(report, run) {
  return `seed ${SEED}, ${run.cycles} cycles, ${run.kills} of them kills: ${hitSummary(report)}, ${run.audience.valuesSeen} values seen, presence right at most `
    + `${Math.round(run.slowest)} ms after healing, ${run.wrongs.length} wrong`;
}

test(`${CYCLES} cycles`, async (t) => {
  const random = new Random(SEED);
  const chosen = await loadHurts(process.argv.slice(2));
  const counts = chosen.some(isKill) ? isKill : () => true;
  const hurts = inTurn(chosen, random.fork());
  const run = new Run();
  t.after(() => run.end());
  console.log(`seed ${SEED}`);
  await run.start(random);
  try {
    for (let counted = 0; counted < CYCLES;) {
      const hurt = hurts.next().value;
      await run.cycle(hurt, random);
      if (isKill(hurt)) run.kills++;
      if (counts(hurt)) counted++;
    }
  } catch (error) {
    run.printLogs();
    throw error;
  }
  const report = await run.finish();
  console.log(summary(report, run));
  assert.deepEqual(run.wrongs.slice(0, 20), []);
});
