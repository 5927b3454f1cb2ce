// 200 concurrent posters: every answer is a value of its own, none is missing, and all of it is there
// after kill -9 (contract §2). How many posts each is the argument, 50 by default.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, it } from 'node:test';
import { hitsOf, request } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';

const POSTERS = 200;
const POSTS = Number(process.argv[2] ?? 50);

const folder = scratchFolder();
let server;
before(async () => { server = await startAllInOne({ folder }); });
after(() => server?.kill());

async function postAll() {
  const seen = new Uint8Array(POSTERS * POSTS + 1);
  const agent = new http.Agent({ keepAlive: true, maxSockets: POSTERS });
  await Promise.all(Array.from({ length: POSTERS }, async () => {
    for (let i = 0; i < POSTS; i++) {
      const { status, text } = await request(server.address.http, '/counters/2/', { method: 'POST', agent });
      assert.equal(status, 200, text);
      seen[Number(text)] += 1;
    }
  }));
  agent.destroy();
  return seen;
}

it(`${POSTERS} posters × ${POSTS} posts get ${POSTERS * POSTS} distinct consecutive answers, durable`, async (t) => {
  const start = performance.now();
  const seen = await postAll();
  const took = performance.now() - start;
  t.diagnostic(`${Math.round((POSTERS * POSTS) / took * 1000)} posts a second`);
  assert.equal(seen[0], 0);
  assert.ok(seen.subarray(1).every((times) => times === 1), 'each of 1 to n exactly once');
  await server.kill();
  server = await startAllInOne({ folder });
  assert.equal(await hitsOf(server.address.http, 2), POSTERS * POSTS);
});
