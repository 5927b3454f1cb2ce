// Every values file of ci/ lints without a warning and renders, for three versions of Kubernetes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callHelm, chart, ciFile, ciNames, inParallel, KUBERNETES, render } from './helm.mjs';

const NAMES = ['default', 'everything', 'gateway-api', 'ha', 'hosts10', 'hpa', 'minimal', 'monitoring', 'netpol', 'tls'];

describe('the chart', () => {
  it('has the values files that are promised', () => assert.deepEqual(ciNames, NAMES));

  for (const kubernetes of KUBERNETES) {
    it(`lints and renders for Kubernetes ${kubernetes}`, () => inParallel(NAMES.map((name) => async () => {
      await callHelm('lint', '--strict', '--kube-version', kubernetes, '--values', ciFile(name), chart);
      const objects = await render(name, { kubernetes });
      assert.ok(objects.length >= 9, `${name}: ${objects.length} objects`);
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.equal(new Set(names).size, names.length, `${name}: a name twice`);
    })));
  }

  it('refuses a Kubernetes without gRPC probes', () =>
    assert.rejects(render('default', { kubernetes: '1.26.0' }), /kubeVersion/));
});

describe('the notes', () => {
  const notes = async (name, ...more) => {
    const text = await callHelm('install', 'live', chart, '--dry-run=client', '--values', ciFile(name), ...more);
    return text.slice(text.indexOf('NOTES:'));
  };

  it('say what to do next', async () => {
    const text = await notes('default');
    for (const step of [/helm .* test live/, /account activate/, /key create/, /port-forward/, /client\.js/]) assert.match(text, step);
  });

  it('warn of what is not fit for production, and of nothing else', async () => {
    assert.match(await notes('default'), /WARNINGS[\s\S]*tls\.enabled[\s\S]*mtls\.enabled[\s\S]*networkPolicy\.enabled/);
    assert.match(await notes('minimal'), /persistence\.enabled is false[\s\S]*demo is true[\s\S]*replicas is 1/);
    assert.match(await notes('everything'), /durability is async[\s\S]*demo is true/);
    const good = ['--set', 'image.repository=registry.example.com/livecounter,networkPolicy.enabled=true,credentials.existingSecret=tokens'];
    assert.doesNotMatch(await notes('tls', ...good), /WARNINGS/);
  });
});
