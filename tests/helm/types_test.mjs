// The rendered objects against the types of Kubernetes, cert-manager, the Gateway API and the Prometheus
// Operator: the models' own validation, which misses misspelt fields, and `tsc --strict`, which does not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ciNames, here, inParallel, render, root } from './helm.mjs';

// apiVersion -> the module that has its kinds.
const MODULES = {
  'v1': 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'cert-manager.io/v1': '@kubernetes-models/cert-manager/cert-manager.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};
const tsc = path.join(root, 'tests/node/node_modules/.bin/tsc');
const folder = path.join(here, 'node_modules/.types');

let objects;
before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  objects = (await inParallel(ciNames.map((name) => async () => (await render(name)).map((object) => ({ name, object }))))).flat();
});
after(() => rmSync(folder, { recursive: true, force: true }));

// A program of one typed constant for each object.
function program(list) {
  const imports = new Set();
  const constants = list.map(({ name, object }, i) => {
    const { apiVersion, kind } = object;
    const module = MODULES[apiVersion] ?? assert.fail(`no types of ${apiVersion}`);
    imports.add(`import type { I${kind} } from ${JSON.stringify(`${module}/${kind}`)};`);
    return `// ${name}\nexport const object${i}: I${kind} = ${JSON.stringify(object, null, 1)};`;
  });
  return [...imports, ...constants].join('\n');
}

function compile(list) {
  writeFileSync(path.join(folder, 'objects.ts'), program(list));
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', types: [] },
    files: ['objects.ts'],
  }));
  const { status, stdout, stderr } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

describe('the rendered objects', () => {
  it('are valid to the models', async () => {
    for (const { name, object } of objects) {
      const { [object.kind]: Model } = await import(`${MODULES[object.apiVersion]}/${object.kind}`);
      assert.doesNotThrow(() => new Model(object).validate(), `${name}: ${object.kind} ${object.metadata.name}`);
    }
  });

  it('have the fields that the types have, and no others', () => {
    const { status, text } = compile(objects);
    assert.equal(status, 0, text.slice(0, 4000));
  });

  it('would not pass with a misspelt field, nor with a value of a wrong type', () => {
    const [set] = objects.filter(({ object }) => object.kind === 'StatefulSet');
    for (const change of [(spec) => { spec.replica = 1; }, (spec) => { spec.template.spec.containers[0].image = 7; }]) {
      const changed = structuredClone(set);
      change(changed.object.spec);
      assert.notEqual(compile([changed]).status, 0);
    }
  });
});
