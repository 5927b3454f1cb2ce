// The rules as a file: understood, tested, and each alert with what somebody needs who is woken by it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { repository } from './dashboards.mjs';
import { tool } from './prometheus.mjs';

const FOLDER = repository('observability/prometheus');
const RUNBOOKS = repository('docs/runbooks');

// Promtool's answer; it looks for rule files beside the test.
function promtool(...args) {
  const { status, stdout, stderr, error } = spawnSync(tool('promtool'), args, { cwd: FOLDER, encoding: 'utf8' });
  assert.ifError(error);
  return { status, said: stdout + stderr };
}

// { name, text } of each alerting rule.
function alerts() {
  const rules = readFileSync(`${FOLDER}/rules.yaml`, 'utf8').split(/^ {6}- (?=alert:|record:)/m).slice(1);
  return rules.filter((text) => text.startsWith('alert:')).map((text) => ({ name: /^alert: (\w+)$/m.exec(text)[1], text }));
}

describe('the rules', () => {
  it('are understood by Prometheus', () => {
    const { status, said } = promtool('check', 'rules', 'rules.yaml');
    assert.equal(status, 0, said);
    assert.match(said, /SUCCESS: \d+ rules found/);
  });

  it('fire, and end, as their unit tests say', () => {
    const { status, said } = promtool('test', 'rules', 'rules_test.yaml');
    assert.equal(status, 0, said);
  });

  it('have a severity, a summary, a description and a runbook for each alert, and a unit test', () => {
    const tests = readFileSync(`${FOLDER}/rules_test.yaml`, 'utf8');
    for (const { name, text } of alerts()) {
      assert.match(text, /^ {10}severity: (page|ticket)$/m, name);
      assert.match(text, /^ {10}summary: \S/m, name);
      assert.match(text, /^ {10}description: >-\n {12}\S/m, name);
      const [, runbook] = /^ {10}runbook_url: docs\/runbooks\/([a-z-]+\.md)$/m.exec(text) ?? [];
      assert.ok(runbook, `${name} has a runbook_url`);
      assert.ok(tests.includes(name), `${name} is in rules_test.yaml`);
      assert.match(readFileSync(`${RUNBOOKS}/${runbook}`, 'utf8'), new RegExp(`^# ${name}$`, 'm'), `${runbook} is of ${name}`);
    }
  });

  it('have no runbook without an alert, and every runbook has the same parts', () => {
    const index = readFileSync(`${RUNBOOKS}/README.md`, 'utf8');
    const names = new Set(alerts().map(({ name }) => name));
    for (const file of readdirSync(RUNBOOKS).filter((name) => name !== 'README.md')) {
      const text = readFileSync(`${RUNBOOKS}/${file}`, 'utf8');
      const [, name] = /^# (\w+)$/m.exec(text);
      assert.ok(names.has(name), `${file} is of an alert`);
      assert.ok(index.includes(`[${name}](${file})`), `${file} is in the index`);
      assert.deepEqual(text.match(/^## .*$/gm), ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'], file);
    }
  });
});
