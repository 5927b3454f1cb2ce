// How the dashboard draws what happened: the plots and the sparklines of counters that people visited and hit.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { post } from '../support/http.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { launch, startAll } from './browser.mjs';
import { accessibilityFindings, Deployment } from './dashboard.mjs';
import { openAs } from './dashboard_pages.mjs';

const LIVE = '/accounts/demo/products/demo/live/';
const MINUTE_MS = 60_000;
const ID = '4';

let browser;
let deployment;
before(async () => { [browser, deployment] = await startAll(launch(), Deployment.start()); });
after(() => Promise.all([browser?.close(), deployment?.stop()]));

const hit = async (count) => {
  for (let n = 0; n < count; n++) assert.equal((await post(deployment.server.address.http, `/counters/${ID}/`)).status, 200);
};

// The heights that a path of a sparkline has a line at, from the top.
const heightsOf = (path) => [...new Set([...path.matchAll(/V([\d.]+)H|H[\d.]+V([\d.]+)/g)].map(([, before, then]) => Number(before ?? then)))].sort((a, b) => a - b);

// The columns of a plot's canvas that have something of the colour of a custom property: how far from the top that is.
const inkOf = (page, index, property) => page.locator('.plot canvas').nth(index).evaluate((canvas, name) => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const tops = [];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const at = 4 * (y * width + x);
      if (data[at + 3] > 128 && wanted.every((value, channel) => Math.abs(data[at + channel] - value) < 10)) {
        tops.push(y);
        break;
      }
    }
  }
  return { width, tops };
}, property);

it('draws people and hits, by the minute, as they were', async () => {
  const visitors = await Promise.all(Array.from({ length: 3 }, (_, n) =>
    new Socket(deployment.server.address.http, subPath({ urlId: ID, pId: `visitor-${n}` })).opened()));
  await visitors[0].untilValue(3);
  await hit(2);
  visitors.slice(1).forEach(({ ws }) => ws.close(1000));
  await visitors[0].untilValue(1, 20_000);
  const minute = Math.floor(Date.now() / MINUTE_MS);
  await until(() => Math.floor(Date.now() / MINUTE_MS) > minute, MINUTE_MS + 1000, 'the next minute');
  await hit(5);
  const { points } = await deployment.call('CounterService/GetHistory', { name: `accounts/demo/products/demo/counters/${ID}`, resolution: 'MINUTE' });
  assert.ok(points.length >= 2);
  const newHits = Number(points.at(-1).hits) - Number(points[0].hits); // those of the first minute are not new

  const context = await browser.newContext({ locale: 'en-US' });
  const page = await openAs(context, deployment, 'operator', LIVE);
  await page.getByRole('heading', { name: 'People here the most in each minute: up to 3' }).waitFor();
  await page.getByRole('heading', { name: `Hits new in each minute: ${newHits} in all` }).waitFor();
  await page.getByRole('img', { name: 'People here over time, at most 3' }).waitFor();
  await page.getByRole('img', { name: `New hits over time, ${newHits} in all` }).waitFor();

  // Three in one minute, then fewer: ink at two heights, the higher first.
  const people = await inkOf(page, 0, '--here');
  assert.ok(people.tops.length >= 2, `${people.tops.length} columns of ${people.width}`);
  assert.ok(Math.min(...people.tops) < people.tops.at(-1), `${people.tops}`);
  const hits = await inkOf(page, 1, '--hits');
  assert.ok(hits.tops.length >= 2 && hits.tops.length < hits.width / 10, `bars of few of sixty minutes: ${hits.tops.length} columns of ${hits.width}`);

  // The sparkline ends in what is so now, a third of its top.
  const row = page.locator('.rows tbody tr', { has: page.getByRole('button', { name: ID, exact: true }) });
  const line = row.locator('.sparkline .line');
  await until(async () => heightsOf(await line.getAttribute('d')).length > 1, 20_000, 'a line with a step');
  const [top, end] = heightsOf(await line.getAttribute('d'));
  assert.deepEqual([top, end], [2, 20.7], 'three at its top, one at its end');
  assert.match(await row.locator('.sparkline .now').getAttribute('d'), /,20\.7h0$/);

  await page.getByText('The same as a table').click();
  const table = await page.getByRole('region', { name: 'History as a table' }).locator('tbody tr').evaluateAll((rows) =>
    rows.map(({ cells }) => [cells[1].textContent, cells[3].textContent]));
  assert.deepEqual(table.reverse(), points.map(({ presentPeak, hits: total }) => [presentPeak, total]));
  assert.equal(table.at(-1)[1], '7');
  visitors[0].ws.terminate();
  await context.close();
});

it('goes back to the hours and days that are kept, and forth again', async (t) => {
  const context = await browser.newContext({ locale: 'en-US' });
  t.after(() => context.close());
  const page = await openAs(context, deployment, 'operator', LIVE);
  const history = page.locator('.panel', { has: page.getByRole('heading', { name: 'History', exact: true }) });
  const shown = history.locator('.stepper strong');
  const button = (name) => history.getByRole('button', { name });
  // What is asked for once the button is pressed: how long it is, how long ago it ended, and by what.
  const asked = async (name) => {
    const [request] = await Promise.all([
      page.waitForRequest((each) => each.url().endsWith('/GetHistory') && Boolean(each.postDataJSON().endTime)), button(name).click(),
    ]);
    const { startTime, endTime, resolution } = request.postDataJSON();
    return [Math.round((Date.parse(endTime) - Date.parse(startTime)) / MINUTE_MS), Math.ceil((Date.now() - Date.parse(endTime)) / (60 * MINUTE_MS)), resolution];
  };
  await history.locator('.plot canvas').first().waitFor();
  assert.equal(await shown.textContent(), 'Until now');
  assert.equal(await button('The hour after').isDisabled(), true);
  assert.deepEqual(await asked('The hour before'), [62, 1, 'MINUTE']);
  await history.getByText('Nothing changed in this time.').waitFor();
  assert.match(await shown.textContent(), /^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d.*–.*\d{1,2}:\d\d/);
  assert.deepEqual(await accessibilityFindings(page), []);
  await button('The hour after').click();
  await history.locator('.plot canvas').first().waitFor();

  await history.getByText('Day', { exact: true }).click();
  await history.locator('.plot canvas').first().waitFor();
  assert.deepEqual(await asked('The day before'), [26 * 60, 24, 'HOUR']);
  await history.getByText('90 days').click();
  await history.getByRole('heading', { name: /the most in each hour/ }).waitFor();
  assert.equal(await shown.count(), 0, 'no more is kept');
});
