// README.md is made of the commented values; rules and dashboards in the chart are those of observability/.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { chart, ofKind, parse, render, root, runToEnd } from './helm.mjs';

describe('README.md', () => {
  it('says of each value what its comment says', () => {
    runToEnd(path.join(root, 'tools/generate-helm-readme'), ['--check']);
  });
});

describe('with monitoring', () => {
  const all = ['monitoring.serviceMonitor.enabled=true,monitoring.prometheusRule.enabled=true,monitoring.dashboards.enabled=true'];
  const dashboards = path.join(root, 'observability/grafana/dashboards');
  const read = (file) => readFileSync(file, 'utf8');

  it('the PrometheusRule holds the rules as they are', async () => {
    const [rule] = ofKind(await render('default', { set: all }), 'PrometheusRule');
    assert.deepEqual(rule.spec, parse(read(path.join(root, 'observability/prometheus/rules.yaml'))));
  });

  it('there is a ConfigMap for each dashboard, as it is', async () => {
    const files = readdirSync(dashboards).sort();
    assert.ok(files.length > 0);
    const maps = ofKind(await render('default', { set: all }), 'ConfigMap');
    const found = new Map(maps.flatMap(({ data }) => Object.entries(data)));
    assert.deepEqual([...found.keys()].sort(), files);
    for (const file of files) assert.deepEqual(JSON.parse(found.get(file)), JSON.parse(read(path.join(dashboards, file))), file);
    for (const { metadata } of maps) assert.equal(metadata.labels.grafana_dashboard, '1');
  });

  it('alerts and dashboards link to runbooks that are there', async () => {
    const objects = await render('monitoring');
    const text = JSON.stringify([...ofKind(objects, 'PrometheusRule'), ...ofKind(objects, 'ConfigMap')]);
    const links = [...text.matchAll(/(.{60})docs\/runbooks\/([\w-]+\.md)/g)];
    assert.ok(links.length > 20);
    for (const [, before, page] of links) {
      assert.ok(before.endsWith('https://git.example.com/livecounter/blob/main/'), before);
      assert.ok(existsSync(path.join(root, 'docs/runbooks', page)), page);
    }
  });

  it('the ServiceMonitor finds the metrics of every part, under the names of the programs', async () => {
    const objects = await render('monitoring');
    const [monitor] = ofKind(objects, 'ServiceMonitor');
    const { jobLabel, selector, endpoints } = monitor.spec;
    const found = ofKind(objects, 'Service').filter(({ metadata: { labels }, spec }) =>
      Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
      selector.matchExpressions.every(({ key }) => key in labels) &&
      spec.ports.some(({ name }) => name === endpoints[0].port));
    const jobs = found.map(({ metadata }) => metadata.labels[jobLabel]);
    assert.deepEqual(jobs.sort(), ['livecounter-counterd', 'livecounter-gateway', 'livecounter-verifier']);
  });
});

describe('Chart.yaml', () => {
  it('has the version of the programs', () => {
    const [, version] = /^project\(livecounter VERSION ([0-9.]+)/m.exec(readFileSync(path.join(root, 'CMakeLists.txt'), 'utf8'));
    assert.equal(parse(readFileSync(path.join(chart, 'Chart.yaml'), 'utf8')).appVersion, version);
  });
});
