// The lines that customers copy, as the dashboard and the documentation give them: on a page that is there before the
// script, nothing moves when the script runs, nor when the number comes, however long that is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { presenceSnippet, viewsSnippet } from '../../web/dashboard/src/state/snippets.ts';
import { startAllInOne } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { launch, openTab, startAll, watchShifts } from './browser.mjs';
import { servePage } from './site.mjs';

const SCRIPT_LATE_MS = 500;
const NUMBER_LATE_MS = 200;
const TEXTS = new Map([[1, '1'], [1234, '1,234'], [10_200, '10.2k']]);

const PAGES = ['quickstart', 'embed', 'lists', 'hits'];
const EDGE = 'https://ws00.example.com'; // of the documentation
const embed = { edge: EDGE, key: 'demo', urlId: '', isViewOnly: false, isVerified: false };

// The code blocks of a page for customers, in a language.
function blocksOf(page, language) {
  const text = readFileSync(new URL(`../../docs/customers/${page}.md`, import.meta.url), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code);
}

// Those that show a number without more.
const snippetsOf = (page) => blocksOf(page, 'html').filter((html) => html.includes('/client.js"') && /<live-counter|connect\(/.test(html));

const SNIPPETS = [
  ['the dashboard’s, of who is here', presenceSnippet(embed)],
  ['the dashboard’s, which only looks', presenceSnippet({ ...embed, urlId: 'stove', isViewOnly: true })],
  ['the dashboard’s, of verified visitors', presenceSnippet({ ...embed, urlId: 'stove', isVerified: true })],
  ['the dashboard’s, of views', viewsSnippet(EDGE, 'demo', 'front')],
  ...PAGES.flatMap((page) =>
    snippetsOf(page).map((html, i) => [`${page}.md’s, number ${i + 1}`, html])),
];

let browser;
let server;
let gateway;
before(async () => { [browser, server] = await startAll(launch(), startAllInOne()); gateway = server.address.http; });
after(() => Promise.all([browser?.close(), server?.kill()]));

// In place of the gateway: all counters of `page` stand at `number`.
async function standIn(page, number) {
  await page.routeWebSocket(/\/(sub|watch)\?/, (socket) => {
    const { pathname, searchParams } = new URL(socket.url());
    const numbers = Object.fromEntries(searchParams.getAll('urlId').map((urlId) => [urlId, number]));
    setTimeout(() => socket.send(pathname === '/sub' ? `${number}` : JSON.stringify(numbers)), NUMBER_LATE_MS);
  });
  await page.route('**/counters/**', async (route) => {
    await sleep(NUMBER_LATE_MS);
    await route.fulfill({ contentType: 'text/event-stream', headers: { 'access-control-allow-origin': '*' }, body: `data: ${number}\n\n` });
  });
  await page.route('**/client.js', async (route) => {
    await sleep(SCRIPT_LATE_MS);
    await route.continue();
  });
}

// A customer's page with `html`, the gateway's script late and its numbers later: its numbers, and what moved.
async function shownAndMoved(t, html, number) {
  const url = await servePage(t, {
    gateways: [gateway],
    html: `<h1>Stove</h1>${html.replaceAll(EDGE, `http://${gateway}`)}<p>Boils a litre in four minutes.</p>`,
    isStrict: !/<script>|<style>/.test(html),
  });
  const context = await browser.newContext();
  const page = await openTab(context, 'about:blank');
  t.after(async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  });
  const shifts = await watchShifts(page);
  await standIn(page, number);
  await page.goto(url);
  const texts = () => page.locator('live-counter, #here').allTextContents();
  await until(async () => (await texts()).every((text) => /\d/.test(text)), 20_000, 'numbers');
  const [painted, loaded] = await page.evaluate(() => [
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/client.js')).responseEnd,
  ]);
  assert.ok(painted < loaded, `painted after ${painted} ms, before the script came after ${loaded} ms`);
  assert.deepEqual(page.troubles, []);
  return { texts: new Set(await texts()), moved: await shifts() };
}

describe('the lines that customers copy', () => {
  it('are found in the documentation', () => {
    for (const page of PAGES) assert.ok(snippetsOf(page).length > 0, page);
  });

  for (const [name, html] of SNIPPETS) {
    it(`move nothing: ${name}`, async (t) => {
      for (const [number, text] of TEXTS) {
        assert.deepEqual(await shownAndMoved(t, html, number), { texts: new Set([text]), moved: [] });
      }
    });
  }

  it('move nothing with words behind the number, in the room that the documentation gives it', async (t) => {
    const [style] = blocksOf('embed', 'css');
    const html = `<style>${style}</style><script src="${EDGE}/client.js" defer></script>
      <p>Now <live-counter key="demo">–</live-counter> people look at it.</p>`;
    for (const [number, text] of [...TEXTS, [999_900, '999.9k']]) {
      assert.deepEqual(await shownAndMoved(t, html, number), { texts: new Set([text]), moved: [] });
    }
  });

  it('would move words behind the number without it', async (t) => {
    const html = `<script src="${EDGE}/client.js" defer></script><p>Now <live-counter key="demo">–</live-counter> people look at it.</p>`;
    const { moved } = await shownAndMoved(t, html, 1234);
    assert.notDeepEqual(moved, []);
  });
});
