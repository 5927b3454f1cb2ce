// Crowds: that they spread over hosts, and over time when they all come back.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { loadPage, settle } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

const CLIENTS = 1000;
const STEP_MS = 10;
const HOSTS = Array.from({ length: 10 }, (_, i) => `ws0${i}.example`);

// Dice with a seed, so that what was seen once is seen again.
function makeDice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// As many clients, connected.
function gather(seed) {
  const page = loadPage({ dice: makeDice(seed) });
  for (let i = 0; i < CLIENTS; i++) page.connect({ pId: `${i}`, hosts: HOSTS });
  page.sockets.forEach((socket) => socket.accept());
  return page;
}

// How many chose each host. A host's share is binomial: five deviations are a fault, not chance.
function assertEven(sockets) {
  const chosen = Map.groupBy(sockets, ({ url }) => url.host);
  assert.deepEqual([...chosen.keys()].sort(), HOSTS);
  const expected = sockets.length / HOSTS.length;
  const deviation = Math.sqrt(expected * (1 - 1 / HOSTS.length));
  for (const [host, { length }] of chosen) {
    assert.ok(Math.abs(length - expected) < 5 * deviation, `${host}: ${length} of ${sockets.length}`);
  }
}

// Runs the clock for `ms`; every try meets `meet`. Returns how many tries each `bucketMs` saw.
async function run(page, ms, bucketMs, meet) {
  const buckets = new Array(Math.ceil(ms / bucketMs)).fill(0);
  let seen = page.tries.length;
  for (let at = 0; at < ms; at += STEP_MS) {
    mock.timers.tick(STEP_MS);
    const fresh = page.tries.slice(seen);
    buckets[Math.floor(at / bucketMs)] += fresh.length;
    seen += fresh.length;
    fresh.forEach(meet);
    if (fresh.length) await settle();
  }
  return buckets;
}

describe('a crowd of a thousand', () => {
  it('chooses ten hosts evenly, at first and after a loss', () => {
    const page = gather(1);
    assertEven(page.sockets);
    page.sockets.slice().forEach((socket) => socket.end());
    mock.timers.tick(1000);
    assert.equal(page.sockets.length, 2 * CLIENTS);
    assertEven(page.sockets.slice(CLIENTS));
  });

  it('that loses its server at once comes back spread over a second', async (t) => {
    const page = gather(2);
    page.sockets.slice().forEach((socket) => socket.end());
    const tenths = await run(page, 1000, 100, (socket) => socket.accept());
    t.diagnostic(`tries in each 100 ms: ${tenths.join(' ')}`);
    assert.equal(tenths.reduce((sum, tries) => sum + tries), CLIENTS, 'all within the second');
    for (const tries of tenths) assert.ok(tries > 50 && tries < 150, `${tries} in 100 ms, 100 expected`);
  });

  it('tries less and less while the server is away, and is back soon after it', async (t) => {
    const page = gather(3);
    page.sockets.slice().forEach((socket) => socket.end());
    const away = await run(page, 60_000, 5000, (attempt) => attempt.fail());
    t.diagnostic(`tries in each 5 s without a server: ${away.join(' ')}`);
    assert.ok(away[0] < 5 * CLIENTS, 'the first seconds');
    assert.ok(away.at(-1) < away[0] / 8, 'the last');

    const back = await run(page, 60_000, 100, (attempt) => attempt.accept());
    const most = Math.max(...back);
    t.diagnostic(`back: at most ${most} in 100 ms, half of them within ${halfOf(back) / 10} s`);
    assert.ok(most < CLIENTS / 20, `${most} in one 100 ms`);
    assert.ok(halfOf(back) < 250, 'half of them within 25 s');
  });

  it('that full gateways turn away asks them less and less, however short their hints', async (t) => {
    const page = gather(5);
    const dice = makeDice(6);
    const turnAway = (socket) => socket.end(1013, `retry=${Math.round(1000 + 4000 * dice())}`);
    page.sockets.slice().forEach(turnAway);
    const tries = await run(page, 120_000, 5000, (socket) => {
      socket.accept();
      turnAway(socket);
    });
    t.diagnostic(`tries in each 5 s at full gateways: ${tries.join(' ')}`);
    assert.ok(tries[0] <= 2 * CLIENTS, 'the first seconds');
    assert.ok(tries.at(-1) < CLIENTS / 4, 'the last');
  });

  it('that a drain sends away comes back when each was told', async () => {
    const page = gather(4);
    const first = page.sockets.slice();
    first.forEach((socket, i) => socket.end(1001, `retry=${1500 + 1000 * (i % 4)}`));
    const seconds = await run(page, 5000, 1000, (socket) => socket.accept());
    assert.deepEqual(seconds, [0, 250, 250, 250, 250]);
  });
});

// In which bucket the half of all is reached.
function halfOf(buckets) {
  const half = buckets.reduce((sum, tries) => sum + tries) / 2;
  let sum = 0;
  return buckets.findIndex((tries) => (sum += tries) >= half);
}
