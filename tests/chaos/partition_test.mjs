// A gateway and counterd that cannot reach each other, in both directions or in one: 3 seconds, and 30 with
// LIVECOUNTER_CHAOS_LONG=1. Another gateway and all clients are not cut off.
//
// Numbers stand still; hits wait for five seconds and are then told that they may have counted; after
// healing everything is right and no hit is lost or counted twice. Where it lasts longer than the lease, the
// share of the gateway leaves the numbers of the others, as a whole, and comes back.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Program, scratchFolder } from '../support/programs.mjs';
import { sleep } from '../support/wait.mjs';
import { Crowd, Hits } from './crowd.mjs';
import { moveToOwnNetwork, Neighbour } from './networks.mjs';

const skip = moveToOwnNetwork() ?? false;
if (skip) console.log(`SKIPPED, and nothing of this is tested: ${skip}`);

const IS_LONG = process.env.LIVECOUNTER_CHAOS_LONG === '1';
const CUT_MS = IS_LONG ? 30_000 : 3000;
const RIGHT_MS = 12_000;
const LEASE_MS = 10_000;
const EACH = 20; // viewers at each gateway
const POST_MS = 5000; // a hit is not kept waiting for longer
const SLACK_MS = 1500;

describe(`a cut of ${CUT_MS / 1000} s between a gateway and counterd`, { skip }, () => {
  let neighbour;
  let cable;
  let programs = [];
  let a; // the gateway that is cut off
  let b;
  before(async () => {
    neighbour = await Neighbour.add();
    const forClients = neighbour.connect(1);
    cable = neighbour.connect(2);
    const folder = scratchFolder();
    const token = path.join(folder, 'edge-token');
    writeFileSync(token, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
    const counterd = await Program.start('livecounter-counterd', [
      '--grpc_listen=127.0.0.1:0', '--edge_listen=0.0.0.0:9091', '--metrics_listen=127.0.0.1:0',
      `--edge_token_file=${token}`, `--data_dir=${path.join(folder, 'data')}`, '--demo',
    ]);
    const startGateway = (edge, listen, surrounding) => Program.start('livecounter-gateway', [
      `--http_listen=${listen}:8080`, '--console_listen=', '--metrics_listen=127.0.0.1:0', `--edge=${edge}:9091`, `--edge_token_file=${token}`,
    ], {}, surrounding);
    programs = [counterd, await startGateway(cable.here, forClients.there, neighbour.command), await startGateway('127.0.0.1', '127.0.0.1')];
    [a, b] = [`${forClients.there}:8080`, '127.0.0.1:8080'];
  });
  after(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    neighbour?.remove();
  });

  const cuts = {
    'in both directions': { here: true, there: true },
    'from the gateway to counterd': { here: true },
    'from counterd to the gateway': { there: true },
  };
  for (const [number, [name, { here, there }]] of Object.entries(cuts).entries()) {
    it(`${name} heals`, async (t) => {
      const crowd = new Crowd(name);
      t.after(() => crowd.leave());
      await crowd.come(a, EACH);
      await crowd.come(b, EACH);
      const counter = 2 * number + 1;
      const [plain, keyed] = [new Hits(a, counter), new Hits(a, counter + 1, { keyed: true })];
      t.after(() => {
        cable.heal();
        return Promise.all([plain.stop(), keyed.stop()]);
      });
      await sleep(200);

      const start = performance.now();
      if (here) cable.cut.here();
      if (there) cable.cut.there();
      await crowd.join(a, 1);
      await crowd.join(b, 1);
      await sleep(CUT_MS);
      const shown = there ? [2 * EACH] : [2 * EACH, 2 * EACH + 1]; // the one at the other gateway, until it gives up
      assert.deepEqual(crowd.seenSince(start, a), shown, 'what is shown where it is cut off');
      cable.heal();
      const took = await crowd.untilAllSee(crowd.size, RIGHT_MS);
      await sleep(SLACK_MS);
      await crowd.untilAllSee(crowd.size, RIGHT_MS);

      crowd.assertAllStayed();
      const isGone = CUT_MS > LEASE_MS;
      const expected = [...(isGone ? [EACH + 1] : []), 2 * EACH, 2 * EACH + 1, 2 * EACH + 2];
      const seen = crowd.seenSince(start, b);
      assert.deepEqual(seen.filter((value) => !expected.includes(value)), [], 'other numbers at the other gateway');
      assert.equal(seen.includes(EACH + 1), isGone, `the share that is cut off, after ${CUT_MS} ms`);
      for (const hits of [plain, keyed]) {
        const fact = await hits.check(b);
        console.log(`${name}: ${fact}, longest ${Math.round(hits.longestMs)} ms`);
        assert.ok(hits.longestMs > Math.min(CUT_MS, POST_MS) - SLACK_MS, 'a hit waited');
        assert.ok(hits.longestMs < POST_MS + SLACK_MS, `a hit waited ${hits.longestMs} ms`);
      }
      console.log(`${name}: right ${Math.round(took)} ms after healing`);
    });
  }
});
