// Every query of every dashboard, asked of a real Prometheus that scrapes a real system under load, or of its
// console: each must be understood, and give series. LIVECOUNTER_PICTURES names a folder to draw the dashboards
// into from the same answers, LIVECOUNTER_LOAD_SECONDS how long the load lasts.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { scratchFolder } from '../support/programs.mjs';
import { sleep, until } from '../support/wait.mjs';
import { callConsole, Crowd, watchOnConsole } from './crowd.mjs';
import { Customer } from './customer.mjs';
import { asked, dashboards, panelsOf, repository } from './dashboards.mjs';
import { drawDashboard } from './draw.mjs';
import { Installation, makeVerifiedProduct } from './installation.mjs';
import { Prometheus } from './prometheus.mjs';

const LOAD_SECONDS = Number(process.env.LIVECOUNTER_LOAD_SECONDS ?? 100);
const PRODUCT = 'accounts/demo/products/demo';

describe('the dashboards of a system under load', () => {
  let all;
  let prometheus;
  let customer;
  let from;
  let to;
  const answers = new Map(); // refId by panel and dashboard → series

  before(async () => {
    customer = await Customer.start();
    all = await Installation.start();
    prometheus = await Prometheus.start({
      folder: scratchFolder(), targets: all.metrics, rules: readFileSync(repository('observability/prometheus/rules.yaml'), 'utf8'),
    });
    await until(async () => (await prometheus.targets()).every(({ health }) => health === 'up'), 20_000, 'all targets are scraped');
    const { key } = await makeVerifiedProduct(all, customer);
    from = Date.now() / 1000;
    await load(all, key);
    to = Date.now() / 1000 - 1;
  }, { timeout: (LOAD_SECONDS + 120) * 1000 });

  after(async () => {
    customer?.stop();
    await prometheus?.stop();
    await all?.kill();
  });

  const variables = (text) => text.replaceAll('${product}', PRODUCT).replaceAll('${counter}', '1').replaceAll('${resolution}', 'MINUTE')
    .replaceAll('${__from:date:iso}', new Date((from - 3600) * 1000).toISOString()).replaceAll('${__to:date:iso}', new Date(to * 1000).toISOString());

  // Rows of the console's answer, as the Infinity data source takes them out.
  async function rowsOf({ url, url_options, root_selector, columns }) {
    const body = JSON.parse(variables(url_options.data));
    const answer = await callConsole(all.consoles[0], all.adminToken(), url.replace('/api/livecounter.v1.', ''), body);
    const rows = root_selector ? answer[root_selector] : [answer];
    for (const { selector } of columns) assert.ok(rows.some((row) => selector in row), `${url} has ${selector}`);
    return rows.map((row) => Object.fromEntries(columns.map(({ selector, text, type }) => [text, read(row[selector], type)])));
  }

  // The jobs and instances that a dashboard offers: all of them are chosen.
  async function choice(dashboard) {
    const chosen = { job: ['.+'], instance: ['.+'] };
    for (const { name, query } of dashboard.templating.list.filter(({ type }) => type === 'query')) {
      const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query);
      chosen[name] = await prometheus.labelValues(label, asked(selector, chosen));
      assert.ok(chosen[name].length > 0, query.query);
    }
    return chosen;
  }

  // Where a counter has no hits, or no presence, a field may be absent.
  function read(value, type) {
    if (value === undefined) return null;
    if (type === 'string') return value;
    const number = type === 'number' ? Number(value) : Date.parse(value) / 1000;
    assert.ok(Number.isFinite(number), `${value} is a ${type}`);
    return number;
  }

  async function seriesOf(target, chosen) {
    if (target.expr === undefined) return rowsOf(target);
    const series = await prometheus.range(asked(target.expr, chosen), from, to, 1);
    return series.filter(({ values }) => values.some(([, value]) => value !== 'NaN'));
  }

  for (const dashboard of dashboards()) {
    it(`${dashboard.uid}: every query of every panel gives data`, async () => {
      const chosen = await choice(dashboard);
      const empty = [];
      for (const panel of panelsOf(dashboard)) {
        for (const target of panel.targets) {
          const series = await seriesOf(target, chosen);
          answers.set(`${dashboard.uid} ${panel.id} ${target.refId}`, series);
          if (series.length === 0) empty.push(`${panel.title}: ${target.expr ?? target.url}`);
        }
      }
      assert.deepEqual(empty, []);
    });

    it(`${dashboard.uid}: its marks are understood`, async () => {
      const chosen = await choice(dashboard);
      for (const { name, expr } of dashboard.annotations.list) {
        const series = await prometheus.range(asked(expr, chosen), from, to, 1);
        answers.set(`${dashboard.uid} ${name}`, series);
        if (name === 'Starts') assert.ok(series.length > 0, 'programs were started again, which is marked');
      }
    });
  }

  it('are drawn', { skip: !process.env.LIVECOUNTER_PICTURES && 'only where LIVECOUNTER_PICTURES says where to' }, () => {
    const folder = process.env.LIVECOUNTER_PICTURES;
    mkdirSync(folder, { recursive: true });
    for (const dashboard of dashboards()) {
      const answer = (panel, target) => answers.get(`${dashboard.uid} ${panel.id} ${target.refId}`);
      const starts = answers.get(`${dashboard.uid} Starts`).flatMap(({ values }) => values[0][0]);
      writeFileSync(`${folder}/${dashboard.uid.replace('livecounter-', '')}.svg`, drawDashboard(dashboard, { from, to, answer, starts, variables }));
    }
  });
});

// Rises, stays, falls a little; in between the verifier and the counter service are killed, and a gateway drained, and started again.
async function load(all, key) {
  const crowd = new Crowd(all.hosts);
  const users = new Crowd(all.hosts);
  const start = performance.now();
  const passed = () => (performance.now() - start) / 1000 / LOAD_SECONDS;
  const wave = () => 0.6 - 0.4 * Math.cos(2 * Math.PI * passed()) + 0.05 * Math.sin(40 * passed());
  const token = all.adminToken();
  const admin = await all.service('AdminService');
  const streams = all.consoles.map((address) => watchOnConsole(address, token, { names: [`${PRODUCT}/counters/1`] }));

  crowd.every(() => 2, async () => { crowd.resize(Math.round(600 * wave())); crowd.churn(8); });
  crowd.every(() => 150 * wave(), () => crowd.hit());
  crowd.every(() => 60 * wave(), () => crowd.hit());
  crowd.every(() => 20, () => crowd.read());
  crowd.every(() => 2 + 3 * wave(), () => crowd.doWrong());
  users.every(() => 2, async () => {
    const ask = { key, user: (number) => `w-${number % 9 ? '' : 'in'}valid ${number}` };
    users.resize(Math.round(150 * wave()), ask);
    users.churn(15, ask);
  });
  crowd.every(() => 3, () => callConsole(all.consoles[0], token, 'CounterService/ListCounters', { parent: PRODUCT }));
  crowd.every(() => 2, () => callConsole(all.consoles[1], token, 'CounterService/GetCounter', { name: `${PRODUCT}/counters/1` }));
  crowd.every(() => 1, () => callConsole(all.consoles[1], token, 'CounterService/GetCounter', { name: `${PRODUCT}/counters/none` }));
  crowd.every(() => 0.5, () => admin.call('UpdateProduct', { product: { name: PRODUCT, display_name: `Demo ${Math.random()}` }, update_mask: { paths: ['display_name'] } }));

  await sleep(0.3 * LOAD_SECONDS * 1000);
  await all.verifier.kill();
  await sleep(2000);
  await all.startVerifier();
  await sleep(0.25 * LOAD_SECONDS * 1000 - 2000);
  await all.counterd.kill();
  await all.startCounterd();
  await sleep(0.15 * LOAD_SECONDS * 1000);
  const drained = all.gateways[1].stop();
  await Promise.all([drained, sleep(0.1 * LOAD_SECONDS * 1000)]);
  await all.startGateway(1);
  await sleep(Math.max(5, (1 - passed()) * LOAD_SECONDS) * 1000);
  for (const stream of streams) stream.destroy();
  await Promise.all([crowd.over(), users.over()]);
}
