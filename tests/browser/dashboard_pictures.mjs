// Takes pictures of what people see: node dashboard_pictures.mjs FOLDER [walk] [pages]
//   walk   the newcomer's way, a picture a step: FOLDER/dashboard-walk-N-….png
//   pages  every page in light, in dark and on a phone: FOLDER/dashboard-PAGE-….png of the dashboard,
//          FOLDER/docs-PAGE-….png of the documentation, FOLDER/demo-….png
// Run by tools/screenshots. The programs are those of LIVECOUNTER_BIN_DIR, or of build/release/bin.
import path from 'node:path';
import { post } from '../support/http.mjs';
import { launch } from './browser.mjs';
import { CustomerSite, Deployment } from './dashboard.mjs';
import { openPage, PAGES, populate, signIn } from './dashboard_pages.mjs';
import { walk } from './newcomer.mjs';

const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 800 }, deviceScaleFactor: 2 },
};

const [folder, ...what] = process.argv.slice(2);
const shoot = (page, name, { fullPage = true } = {}) => page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', fullPage });

async function takeWalk(browser) {
  const deployment = await Deployment.start({ flags: ['--demo=false'] });
  const site = await CustomerSite.start();
  try {
    const { tookMs } = await walk({
      browser, deployment, site, contextOptions: { viewport: { width: 1100, height: 720 } },
      shoot: (name, page) => shoot(page, `dashboard-walk-${name}`),
    });
    console.log(`from nothing to a verified live counter in ${(tookMs / 1000).toFixed(1)} s of clicks`);
  } finally {
    await Promise.all([deployment.stop(), site.stop()]);
  }
}

async function takePages(browser) {
  const deployment = await Deployment.start();
  const leave = await populate(deployment);
  // History has a point a minute: some go by, with something in each.
  for (let minute = 0; minute < Number(process.env.MINUTES ?? 0); minute++) {
    for (let n = 0; n < 12 + 9 * (minute % 3); n++) await post(deployment.server.address.http, '/counters/1/');
    await new Promise((resolve) => { setTimeout(resolve, 60_000); });
  }
  try {
    for (const [look, options] of Object.entries(LOOKS)) {
      const contexts = {};
      for (const asked of PAGES) {
        const { name, who } = asked;
        contexts[who] ??= await browser.newContext(options);
        await signIn(contexts[who], deployment, who);
        const page = await openPage(contexts[who], deployment, asked);
        await page.waitForTimeout(600); // sparklines and plots
        await shoot(page, `dashboard-${name}-${look}`, { fullPage: !asked.press }); // a dialog is as large as the window
        await page.close();
      }
      await takeOthers(await contexts.nobody.newPage(), deployment, look);
      await Promise.all(Object.values(contexts).map((context) => context.close()));
    }
  } finally {
    leave();
    await deployment.stop();
  }
}

// What stands beside the dashboard.
async function takeOthers(page, { console: base, edge }, look) {
  await page.goto(`${edge}/demo`);
  for (const door of ['#tiles .tile', '#products .tile', '#member-door', '#stranger-door']) await page.locator(door).first().click();
  await page.waitForFunction(() => ![...document.querySelectorAll('.number')].some(({ textContent }) => textContent === '–'));
  await shoot(page, `demo-${look}`);
  await page.goto(`${base}/docs/`);
  for (const address of await page.$$eval('.pages a', (links) => links.map(({ href }) => href))) {
    await page.goto(address);
    await shoot(page, `docs-${address.split('/').at(-1) || 'index'}-${look}`);
  }
}

const browser = await launch();
try {
  if (what.includes('walk')) await takeWalk(browser);
  if (what.includes('pages')) await takePages(browser);
} finally {
  await browser.close();
}
