// --durability, seen from outside: over a disk whose every sync takes long (tests/monitoring/slow_disk.cc).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { post } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';

const SYNC_MS = 500;

// How long a POST takes where each sync of the disk takes SYNC_MS.
async function postTime(t, flags) {
  const folder = scratchFolder();
  const delay = path.join(folder, 'delay');
  const env = { LD_PRELOAD: process.env.LIVECOUNTER_SLOW_DISK, LIVECOUNTER_TEST_SYNC_DELAY: delay };
  const server = await startAllInOne({ folder, flags, env });
  t.after(() => server.kill());
  await post(server.address.http, '/counters/2/');
  writeFileSync(delay, `${SYNC_MS}`);
  const sent = performance.now();
  assert.equal((await post(server.address.http, '/counters/2/')).text, '2\n');
  return performance.now() - sent;
}

describe('a POST is answered', () => {
  for (const flags of [[], ['--durability=sync']]) {
    it(`when it is on the disk, with ${flags[0] ?? 'no flag'}`, async (t) => {
      const took = await postTime(t, flags);
      assert.ok(took >= SYNC_MS, `after ${took} ms`);
    });
  }

  it('before it is on the disk, with --durability=async', async (t) => {
    const took = await postTime(t, ['--durability=async']);
    assert.ok(took < SYNC_MS, `after ${took} ms`);
  });
});
