// The rendered objects are those of snapshots/: what a change of the chart does is seen in review.
// LIVECOUNTER_UPDATE_SNAPSHOTS=1 writes them anew.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ciNames, here, render, stringify } from './helm.mjs';

const folder = path.join(here, 'snapshots');
const isUpdate = process.env.LIVECOUNTER_UPDATE_SNAPSHOTS === '1';

// What differs from one rendering to the next, and what other tests compare with its source.
function steady(object) {
  if (object.kind === 'Secret') for (const key of Object.keys(object.data)) object.data[key] = '(random)';
  if (object.kind === 'PrometheusRule') object.spec.groups = object.spec.groups.map(({ name }) => ({ name }));
  if (object.kind === 'ConfigMap') for (const key of Object.keys(object.data)) object.data[key] = '(a dashboard)';
  return object;
}

describe('the rendered objects', () => {
  if (isUpdate) mkdirSync(folder, { recursive: true });
  for (const name of ciNames) {
    it(`of ${name} are as they were`, async () => {
      const file = path.join(folder, `${name}.yaml`);
      const objects = (await render(name)).map(steady);
      const text = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
      if (isUpdate) writeFileSync(file, text);
      assert.ok(text === readFileSync(file, 'utf8'), await difference(file, text));
    });
  }

  it('have no snapshot too many', () => assert.deepEqual(readdirSync(folder).sort(), ciNames.map((name) => `${name}.yaml`)));
});

// The first lines that differ.
async function difference(file, text) {
  const [old, now] = [readFileSync(file, 'utf8').split('\n'), text.split('\n')];
  const at = old.findIndex((line, i) => line !== now[i]);
  return `${path.relative(here, file)} line ${at + 1}: was\n${old.slice(at, at + 5).join('\n')}\nand is\n${now.slice(at, at + 5).join('\n')}\n` +
    'LIVECOUNTER_UPDATE_SNAPSHOTS=1 tests/node/node_modules/.bin/node tests/helm/snapshot_test.mjs';
}
