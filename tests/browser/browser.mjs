// Chromium, as installed, for tests: pages that tell what went wrong in them.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '../support/packages.mjs';
import { scratchFolder } from '../support/programs.mjs';

const ARGUMENTS = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

function findChromium() {
  if (process.env.LIVECOUNTER_CHROMIUM) return process.env.LIVECOUNTER_CHROMIUM;
  return execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'],
    { encoding: 'utf8' }).trim();
}

// Playwright switches the back-forward cache off; here it is tested.
export const launch = () => chromium.launch({
  executablePath: findChromium(), args: ARGUMENTS, ignoreDefaultArgs: ['--disable-back-forward-cache'],
});

// What all of `starting` come to, or, where one fails, its error once the others are ended: a browser that nobody closes
// keeps a test from its end.
export async function startAll(...starting) {
  const outcomes = await Promise.allSettled(starting);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (!failed) return outcomes.map(({ value }) => value);
  await Promise.all(outcomes.map(({ value }) => value?.close?.() ?? value?.kill?.() ?? value?.stop?.()));
  throw failed.reason;
}

// An error of the script by which playwright exposes functions, in a document that goes as it comes.
const PLAYWRIGHTS_OWN = /reading 'addBinding'/;

// Opens `url` in a tab of `context`; page.troubles collects errors, warnings and what the
// Content-Security-Policy blocked, and page.seen(selector) every text that an element has shown.
export async function openTab(context, url) {
  const page = await context.newPage();
  page.troubles = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.troubles.push(message.text());
  });
  page.on('pageerror', (error) => {
    if (!PLAYWRIGHTS_OWN.test(error.message)) page.troubles.push(`${error}`);
  });
  await page.exposeFunction('reportViolation', (text) => page.troubles.push(text));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      window.reportViolation(`${violatedDirective} blocked ${blockedURI}`));
    window.texts = {};
    addEventListener('DOMContentLoaded', () => {
      for (const element of document.querySelectorAll('[id]')) {
        const texts = window.texts[element.id] = [];
        new MutationObserver(() => texts.push(element.textContent)).observe(element, { childList: true });
      }
    });
  });
  page.seen = (id) => page.evaluate((name) => window.texts[name], id);
  await page.goto(url);
  return page;
}

// That a counter of `page` connects: by a WebSocket or, after some that failed, by an event stream.
export const connects = (page, ms) => Promise.any([
  page.waitForEvent('websocket', { timeout: ms }), page.waitForRequest(/\/sub\?/, { timeout: ms }),
]);

// Collects how far things move on the pages that `page` opens from now on; the result tells what moved on the one that
// is open, once it is painted as it is.
export async function watchShifts(page) {
  await page.addInitScript(() => {
    const take = (entries) => window.shifts.push(...entries.map(({ value, sources }) =>
      `${value} ${sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 100))}`));
    window.shifts = [];
    const observer = new PerformanceObserver((list) => take(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    window.takeShifts = async () => {
      await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {})));
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      take(observer.takeRecords());
      return window.shifts;
    };
  });
  return () => page.evaluate(() => window.takeShifts());
}

// Where pictures of pages go: beside the programs under test, else nowhere that lasts.
export function screenshotPath(name) {
  const programs = process.env.LIVECOUNTER_BIN_DIR;
  const folder = programs ? path.join(programs, '..', 'screenshots') : scratchFolder();
  mkdirSync(folder, { recursive: true });
  return path.join(folder, `${name}.png`);
}
