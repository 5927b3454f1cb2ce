// A thousand clients in a real browser, whose gateways are killed at once: how they come back.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Cluster } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';
import { launch, startAll } from './browser.mjs';
import { servePage } from './site.mjs';

// A browser has 255 WebSockets for each of its profiles.
const PROFILES = 5;
const CLIENTS_EACH = 200;
const CLIENTS = PROFILES * CLIENTS_EACH;
// Chromium holds back the connects of a page that has more than a few under way, for seconds.
const AT_ONCE = 10;
const FIRST_TRY_MS = 1000;
const TENTH_MS = FIRST_TRY_MS / 10;
// What a timer of a busy browser may be late by.
const LATE_MS = 200;

let browser;
let cluster;
before(async () => { [browser, cluster] = await startAll(launch(), Cluster.start({ gateways: 2 })); });
after(() => Promise.all([browser?.close(), cluster?.kill()]));

// A page of a profile of its own, with its share of the clients; window.tries has when each of them tried and lost.
async function openCrowd(t, profile) {
  const context = await browser.newContext({ locale: 'en-US' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    const Native = window.WebSocket;
    const note = (url, event) => window.tries.push({ pId: new URL(url).searchParams.get('pId'), event, at: performance.timeOrigin + performance.now() });
    window.tries = [];
    window.WebSocket = class extends Native {
      constructor(url) {
        super(url);
        note(url, 'try');
        this.addEventListener('close', () => note(url, 'loss'));
      }
    };
  });
  await page.goto(await servePage(t, {
    gateways: cluster.hosts,
    html: `<script src="http://${cluster.hosts[0]}/client.js"></script><script src="/page.js"></script>`,
    script: `window.elements = [];
      function connect() {
        const element = document.createElement('b');
        livecounter.connect(element, { key: 'demo', urlId: 'storm', pId: '${profile}-' + elements.length, hosts: ${JSON.stringify(cluster.hosts)} });
        elements.push(element);
      }
      setInterval(() => {
        if (!elements.every(({ textContent }) => textContent)) return;
        for (let i = 0; i < ${AT_ONCE} && elements.length < ${CLIENTS_EACH}; i++) connect();
      }, 20);`,
  }));
  return page;
}

const all = async (pages, look) => (await Promise.all(pages.map((page) => page.evaluate(look)))).flat();
// What a thousand clients show, as a text with how many do: { '1,000': 1000 } is all of them.
const textsOf = async (pages) => Object.fromEntries(Map.groupBy(await all(pages, () => window.elements.map(({ textContent }) => textContent)), (text) => text)
  .entries().map(([text, { length }]) => [text, length]));
const showAll = (pages) => until(async () => (await textsOf(pages))['1,000'] === CLIENTS, 60_000, 'every client shows a thousand');

// How long each waited from the loss of its connection to its first try.
function firstWaits(tries) {
  const waits = [];
  for (const mine of Map.groupBy(tries, ({ pId }) => pId).values()) {
    const loss = mine.find(({ event }) => event === 'loss');
    if (loss) waits.push(mine.find(({ event, at }) => event === 'try' && at >= loss.at).at - loss.at);
  }
  return waits;
}

it('a crowd of a thousand whose gateways are killed comes back spread over a second, and keeps its numbers', async (t) => {
  const pages = [];
  for (let profile = 0; profile < PROFILES; profile++) pages.push(await openCrowd(t, profile));
  await showAll(pages);
  await all(pages, () => { window.tries = []; });

  const killed = performance.timeOrigin + performance.now();
  await Promise.all(cluster.gateways.map((gateway) => gateway.kill()));
  assert.deepEqual(await textsOf(pages), { '1,000': CLIENTS }, 'the last number stays');
  await Promise.all(cluster.gateways.map((_, i) => cluster.startGateway(i)));
  await until(async () => new Set((await all(pages, () => window.tries)).filter(({ event }) => event === 'try').map(({ pId }) => pId)).size === CLIENTS,
    20_000, 'each tried again');
  await showAll(pages);

  const tries = await all(pages, () => window.tries);
  const tenths = new Array(10).fill(0);
  const waits = firstWaits(tries);
  for (const wait of waits) tenths[Math.min(9, Math.floor(wait / TENTH_MS))]++;
  const back = Math.max(...tries.map(({ at }) => at)) - killed;
  t.diagnostic(`first tries in each 100 ms after the loss: ${tenths.join(' ')}; ${tries.filter(({ event }) => event === 'try').length} tries in all, the last after ${(back / 1000).toFixed(1)} s`);
  assert.equal(waits.length, CLIENTS);
  assert.ok(Math.max(...waits) < FIRST_TRY_MS + LATE_MS, `the last waited ${Math.max(...waits)} ms`);
  // Five deviations of a tenth of them, and what late timers move from one tenth into the next.
  for (const count of tenths) assert.ok(count > 30 && count < 170, `${count} in 100 ms, 100 expected`);
});
