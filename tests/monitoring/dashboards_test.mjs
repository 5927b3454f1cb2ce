// The dashboards as files: generated, typed, and complete. queries_test.mjs asks a real Prometheus what they ask.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dashboards, panelsOf, repository } from './dashboards.mjs';

const SOURCES = repository('observability/grafana');

const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

describe('the dashboards', () => {
  it('are what their sources generate', () => {
    const { status, said } = run(`${SOURCES}/generate.mts`, '--check');
    assert.equal(status, 0, said);
  });

  it('have sources without type errors', () => {
    const { status, said } = run(repository('tests/node/node_modules/typescript/bin/tsc'), '-p', SOURCES);
    assert.equal(status, 0, said);
  });

  it('are found by uid and tag, and take any Prometheus, job and instance', () => {
    const uids = new Set();
    for (const dashboard of dashboards()) {
      uids.add(dashboard.uid);
      assert.deepEqual(dashboard.tags, ['livecounter'], dashboard.uid);
      const [datasource, job, instance] = dashboard.templating.list;
      assert.deepEqual([datasource.name, datasource.type, datasource.query], ['datasource', 'datasource', 'prometheus']);
      for (const [variable, name] of [[job, 'job'], [instance, 'instance']]) {
        assert.deepEqual([variable.name, variable.type, variable.multi, variable.includeAll], [name, 'query', true, true]);
      }
      assert.ok(!JSON.stringify(dashboard).match(/"uid":"(?!\$\{|livecounter-)/), `${dashboard.uid} names a data source of somebody's`);
    }
    assert.equal(uids.size, 5);
  });

  for (const dashboard of dashboards()) {
    it(`${dashboard.uid}: every panel says what it shows, in which unit, and leads to pages that exist`, () => {
      const ids = dashboard.panels.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const panel of panelsOf(dashboard)) {
        assert.match(panel.description, /\.$/, panel.title);
        assert.ok(panel.targets.length > 0, panel.title);
        const unit = panel.type === 'heatmap' ? panel.options.yAxis.unit : panel.fieldConfig.defaults.unit;
        assert.ok(unit || panel.type === 'table', `${panel.title} has a unit`);
        for (const { url } of panel.links ?? []) assert.ok(existsSync(repository(url)), url);
      }
      for (const { url } of dashboard.links.filter(({ type }) => type === 'link')) assert.ok(existsSync(repository(url)), url);
    });
  }
});
