// For the owner of one product. No metric has a label of a product, a counter or a page (there may be millions), so
// his own figures come from the console's JSON API, with his own token, and what Prometheus has is the service as
// all its viewers get it.
import { number, text, time } from './infinity.mts';
import { figure, graph, list } from './panels.mts';
import { page } from './page.mts';
import { quantile, series, sum } from './promql.mts';
import { dashboard, units } from './sdk.mts';

const COUNTER = '${product}/counters/${counter}';
const RANGE = { startTime: '${__from:date:iso}', endTime: '${__to:date:iso}' };
const HISTORY = { name: COUNTER, resolution: '${resolution}', ...RANGE };

const api = new dashboard.DatasourceVariableBuilder('api').label('Console').type('yesoreyeram-infinity-datasource')
  .description('An Infinity data source whose base URL is the console and whose bearer token is this customer\'s session');
const product = new dashboard.TextBoxVariableBuilder('product').label('Product')
  .defaultValue('accounts/demo/products/demo').description('accounts/ACCOUNT/products/PRODUCT');
const counter = new dashboard.TextBoxVariableBuilder('counter').label('Counter')
  .defaultValue('1').description('The id of a counter, percent-encoded: a page has its urlId');
const resolution = new dashboard.CustomVariableBuilder('resolution').label('Points')
  .values('MINUTE,HOUR').current({ selected: true, text: 'MINUTE', value: 'MINUTE' })
  .description('A point a minute, kept 24 hours, or a point an hour, kept 90 days');

export const productOwner = page({
  uid: 'livecounter-product',
  title: 'Live Counter / One product',
  description: 'What the owner of one product wants to know: its counters, its usage, and how well its viewers are served.',
  programs: 'livecounter|livecounter-gateway',
  from: 'now-6h',
  variables: [api, product, counter, resolution],
  rows: [
    {
      title: '${product}: counter ${counter}',
      panels: [
        figure({
          title: 'Hits',
          description: 'The total, now.',
          unit: units.LocaleFormat,
          queries: [{ method: 'CounterService/GetCounter', request: { name: COUNTER }, rows: '', columns: [number('hits', 'hits')], format: 'table' }],
          base: 'purple',
          height: 8,
        }),
        figure({
          title: 'Present',
          description: 'Who is here, now: distinct presence IDs.',
          unit: units.LocaleFormat,
          queries: [{ method: 'CounterService/GetCounter', request: { name: COUNTER }, rows: '', columns: [number('present', 'present')], format: 'table' }],
          base: 'blue',
          height: 8,
        }),
        graph({
          title: 'Hits',
          description: 'The total as it went.',
          queries: [{ method: 'CounterService/GetHistory', request: HISTORY, rows: 'points', columns: [time('time'), number('hits', 'hits')] }],
          colors: { hits: 'purple' },
          width: 9,
        }),
        graph({
          title: 'Present',
          description: 'The most, and the mean, of each minute or hour.',
          queries: [{
            method: 'CounterService/GetHistory', request: HISTORY, rows: 'points',
            columns: [time('time'), number('presentPeak', 'peak'), number('presentMean', 'mean')],
          }],
          width: 9,
        }),
      ],
    },
    {
      title: '${product}',
      panels: [
        list({
          title: 'Counters',
          description: 'The first 100 that exist, or where somebody is present.',
          queries: [{
            method: 'CounterService/ListCounters', request: { parent: '${product}', pageSize: 100 }, rows: 'counters', format: 'table',
            columns: [text('name', 'counter'), number('hits', 'hits'), number('present', 'present')],
          }],
        }),
        graph({
          title: 'Connections accepted',
          description: 'Every WebSocket and event stream, view-only ones too, by the hour: the billing figure.',
          queries: [{
            method: 'AdminService/GetUsage', request: { name: '${product}', ...RANGE }, rows: 'points',
            columns: [time('hour'), number('connections', 'connections')],
          }],
          bars: true,
          width: 12,
        }),
      ],
    },
    {
      title: 'The service, as all its viewers get it',
      panels: [
        graph({
          title: 'Who came and got a stream',
          description: 'The share, over an hour, of all viewers of the service. Objective: 99.9 % over 30 days.',
          unit: units.PercentUnit,
          queries: [{ expr: '1 - max(livecounter:connects_failed:ratio_rate1h)', legend: 'connected' }],
          colors: { connected: 'green' },
          max: 1,
          width: 6,
          runbook: 'connects-fail',
        }),
        graph({
          title: 'Age of the newest number',
          description: 'At the worst gateway. Over 5 seconds is stale.',
          unit: units.Seconds,
          queries: [{ expr: `max(${series('livecounter_gateway_canary_age_seconds')})`, legend: 'oldest' }],
          lines: [{ value: 5, color: 'red' }],
          width: 6,
          runbook: 'numbers-stale',
        }),
        graph({
          title: 'How soon viewers see a change',
          description: 'From the change to its update on the wire.',
          unit: units.Seconds,
          queries: [
            { expr: quantile(0.5, 'livecounter_gateway_update_delay_seconds'), legend: 'half within' },
            { expr: quantile(0.99, 'livecounter_gateway_update_delay_seconds'), legend: '99 % within' },
          ],
          width: 6,
        }),
        graph({
          title: 'Users who wait for a verdict',
          description: 'Over all products with verification, and the endpoints among them that fail every time.',
          queries: [
            { expr: sum(series('livecounter_gateway_unverified_users')), legend: 'users who do not count' },
            { expr: 'sum(livecounter_verifier_open_breakers)', legend: 'endpoints that fail' },
          ],
          width: 6,
          runbook: 'endpoints-fail',
        }),
      ],
    },
  ],
});
