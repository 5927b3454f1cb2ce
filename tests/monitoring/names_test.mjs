// Whatever asks for a metric asks for one that there is: rules, their unit tests, dashboards, runbooks and other pages.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dashboards, panelsOf, repository } from './dashboards.mjs';
import { documentedSeries, missingOf, selectorsOf } from './documented.mjs';

const RULES = readFileSync(repository('observability/prometheus/rules.yaml'), 'utf8');
const RULES_TEST = readFileSync(repository('observability/prometheus/rules_test.yaml'), 'utf8');
const PAGES = readdirSync(repository('docs'), { recursive: true }).filter((name) => name.endsWith('.md'));

const recorded = [...RULES.matchAll(/^ +- record: (\S+)$/gm)].map(([, name]) => name);
// Prometheus' own: each alert that is pending or firing, and whether a target answers.
const prometheusOwn = new Map([
  ['ALERTS', new Map([['alertname', []], ['alertstate', ['pending', 'firing']]])], ['up', new Map([['job', []], ['instance', []]])],
]);
const known = new Map([...documentedSeries(), ...prometheusOwn, ...recorded.map((name) => [name, new Map([['namespace', []]])])]);

const page = (name) => readFileSync(repository(`docs/${name}`), 'utf8');
const missing = (expressions) => expressions.flatMap((expr) => selectorsOf(expr)).flatMap((selector) => missingOf(selector, known));

// The expressions of the rules: on the line of `expr:`, or indented below it.
const ruleExpressions = [...RULES.matchAll(/^( +)expr: (?:\|\n((?:\1 +.*\n)+)|(.*)\n)/gm)].map(([, , block, line]) => block ?? line);

function expressionsOf(dashboard) {
  const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
  return [
    ...panelsOf(dashboard).flatMap(({ targets }) => targets.map(({ expr }) => expr).filter((expr) => expr !== undefined)),
    ...dashboard.annotations.list.map(({ expr }) => expr),
    ...variables.map(({ query }) => /^label_values\((.*), \w+\)$/.exec(query.query)[1]),
  ];
}

describe('what is looked for in an expression', () => {
  it('is each name, with the labels that it is chosen by', () => {
    const expr = '# of all\nsum by (le, job) (rate(a_bucket{x=~"y|z",job="}"}[5m])) / on (ns) group_left b:c5m > bool 2.5 and predict(d[6h], 24 * 3600)';
    assert.deepEqual(selectorsOf(expr), [
      { name: 'a_bucket', matchers: [{ label: 'x', operator: '=~', value: 'y|z' }, { label: 'job', operator: '=', value: '}' }] },
      { name: 'b:c5m', matchers: [] }, { name: 'd', matchers: [] },
    ]);
  });

  it('is missing where no page has the name, the label or the value', () => {
    assert.deepEqual(missing(['livecounter_gateway_connections{transport="sse"}', 'livecounter_gateway_hit_seconds_bucket{le="1"}']), []);
    assert.deepEqual(missing([
      'livecounter_gateway_connexions', 'livecounter_gateway_hit_seconds', 'livecounter_ready_count',
      'livecounter_gateway_connections{kind="sse"}', 'livecounter_gateway_connections{transport=~"sse|ws"}',
    ]), [
      'livecounter_gateway_connexions', 'livecounter_gateway_hit_seconds', 'livecounter_ready_count',
      'livecounter_gateway_connections{kind}', 'livecounter_gateway_connections{transport=~"ws"}',
    ]);
  });
});

describe('every metric is documented that is asked for', () => {
  it('by the rules', () => {
    assert.equal(ruleExpressions.length, RULES.match(/^ +expr:/gm).length);
    assert.deepEqual(missing(ruleExpressions), []);
  });

  it('by their unit tests', () => {
    const series = [...RULES_TEST.matchAll(/^ +- series: '?(.*?)'?$/gm)].map(([, expr]) => expr);
    assert.ok(series.length > 10);
    assert.deepEqual(missing(series), []);
  });

  for (const dashboard of dashboards()) {
    it(`by ${dashboard.uid}`, () => {
      const expressions = expressionsOf(dashboard);
      assert.ok(expressions.length > 5);
      assert.deepEqual(missing(expressions), []);
    });
  }

  it('by the queries of runbooks and other pages', () => {
    const blocks = PAGES.flatMap((name) => [...page(name).matchAll(/```promql\n([^]*?)```/g)].map(([, block]) => block));
    assert.ok(blocks.length > 5);
    assert.deepEqual(missing(blocks), []);
  });

  it('or named on any page', () => {
    const part = /\blivecounter_(?:gateway|console|counterd|presence|engine|verifier)_\w+/g;
    const families = new Set([...known.keys()].flatMap((name) => [name, name.replace(/_(bucket|count|sum)$/, '')]));
    for (const name of PAGES) {
      for (const [metric] of page(name).matchAll(part)) assert.ok(families.has(metric), `${name} names ${metric}`);
    }
  });
});
