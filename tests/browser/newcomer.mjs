// A newcomer's way: from a server that has nothing to a verified live counter on an own page, by clicks alone.
// The test asserts on it, and tools/screenshots takes its pictures.
import { until } from '../support/wait.mjs';
import { openTab } from './browser.mjs';
import { openDashboard, signInAsOperator, signUp } from './dashboard.mjs';

const pageWith = (snippet) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The Shop</title>
<style>body{max-width:34rem;margin:4rem auto;padding:0 1rem;font:18px/1.6 system-ui,sans-serif;color:#222}h1{font-size:2rem}live-counter{font-size:1.5em;font-weight:700}</style>
<h1>Camping stove, 1 kW</h1><p>Boils a litre in four minutes. 39 €.</p>
${snippet}
</html>`;

const shownOn = (page, text, ms = 15_000) =>
  until(async () => (await page.locator('live-counter').textContent()) === text, ms, () => `the own page shows ${text}`);

// `shoot(name, page)` is called where there is something to see.
export async function walk({ browser, contextOptions, deployment, site, shoot = async () => {} }) {
  const begun = performance.now();
  const newcomer = await browser.newContext(contextOptions);
  const operator = await browser.newContext(contextOptions);
  const page = await openDashboard(newcomer, deployment);
  await signUp(page, { name: 'The Shop', email: 'owner@shop.example' });
  await shoot('1-sign-up', page);
  await page.getByRole('button', { name: 'Create account' }).click();

  await page.getByText('Nothing is counted yet.').waitFor();
  await page.getByText('Pages show example data').waitFor();
  await shoot('2-nothing-yet', page);
  await page.getByRole('button', { name: 'New product' }).click();
  await page.getByLabel('Name').fill('Web shop');
  await page.getByLabel('Allowed origin').fill(site.origin);
  await page.getByRole('button', { name: 'Create', exact: true }).click();

  const lines = page.getByRole('region', { name: 'Lines for your page' });
  await page.getByLabel('What is counted').fill('camping-stove');
  await lines.filter({ hasText: 'camping-stove' }).waitFor();
  await shoot('3-embed', page);
  site.html = pageWith(await lines.textContent());
  [, site.key] = /key="([^"]+)"/.exec(site.html);
  const ownPage = await openTab(newcomer, `${site.origin}/?as=ann`);
  await until(async () => /^\d/.test(await ownPage.locator('live-counter').textContent()), 10_000, 'example data on the own page');
  await shoot('4-example-data', ownPage);

  const desk = await openDashboard(operator, deployment);
  await signInAsOperator(desk, deployment);
  await shoot('5-operator', desk);
  await desk.getByRole('button', { name: /^Activate / }).click();
  await desk.getByText('active', { exact: true }).waitFor();
  await shownOn(ownPage, '1');

  await page.getByRole('link', { name: 'Verification' }).click();
  await page.getByLabel('Address').fill(`${site.origin}/verify`);
  await page.getByRole('button', { name: 'Test and save' }).click();
  await page.getByText('Passed and saved').waitFor({ timeout: 30_000 });
  await page.getByText('Pages show example data').waitFor({ state: 'detached' });
  await shoot('6-verified', page);

  await page.getByRole('link', { name: 'Embed' }).click();
  await page.getByLabel('What is counted').fill('camping-stove');
  await lines.filter({ hasText: /camping-stove.*p-id/ }).waitFor();
  site.html = pageWith((await lines.textContent()).replace('YOUR-VISITORS-SESSION-ID', 'VISITOR'));
  site.users.add('ann');
  await ownPage.reload();
  const stranger = await openTab(newcomer, `${site.origin}/?as=stranger`);
  await Promise.all([shownOn(ownPage, '1'), shownOn(stranger, '1')]);
  site.users.add('bob');
  const second = await openTab(newcomer, `${site.origin}/?as=bob`);
  await Promise.all([ownPage, stranger, second].map((each) => shownOn(each, '2')));
  await shoot('7-own-page', ownPage);

  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await until(async () => (await page.locator('.figure.here .value').textContent()) === '2', 10_000, 'two people on the live page');
  await page.getByText('The same as a table').waitFor();
  await shoot('8-live', page);
  const tookMs = performance.now() - begun;
  // Who is not signed in is told so with 401, which browsers report.
  const troubles = [page, desk].flatMap(({ troubles: found }) => found).filter((trouble) => !/401/.test(trouble));
  const requests = [page, desk].flatMap(({ requests: made }) => made);
  await newcomer.close();
  await operator.close();
  return { tookMs, troubles, requests };
}
