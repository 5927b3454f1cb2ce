// values.schema.json is closed: what is misspelt or cannot be is refused, and what is documented is taken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { chart, ciFile, ciNames, inParallel, parse, render, require, root } from './helm.mjs';

const Ajv = require('ajv').default;

const schema = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8'));
const defaults = parse(readFileSync(path.join(chart, 'values.yaml'), 'utf8'));
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

// `changes` laid over `base`, as Helm does.
function merged(base, changes) {
  if (typeof base !== 'object' || typeof changes !== 'object' || !base || !changes || Array.isArray(changes)) return changes;
  const result = { ...base };
  for (const [key, value] of Object.entries(changes)) result[key] = key in base ? merged(base[key], value) : value;
  return result;
}
const accepts = (changes) => validate(merged(defaults, changes));
const at = (keys, value) => keys.reduceRight((inner, key) => ({ [key]: inner }), value);

// Maps whose keys are the user's own.
const OPEN = /(annotations|Annotations|labels|nodeSelector|affinity|requests|limits)$/;

// The paths of all maps of values.yaml whose keys are the chart's.
function* maps(values, keys = []) {
  if (typeof values !== 'object' || values === null || Array.isArray(values) || OPEN.test(keys.at(-1) ?? '')) return;
  yield keys;
  for (const [key, value] of Object.entries(values)) yield* maps(value, [...keys, key]);
}

describe('the schema', () => {
  it('takes the defaults and every values file of ci/', () => {
    for (const name of ciNames) {
      assert.ok(accepts(parse(readFileSync(ciFile(name), 'utf8'))), `${name}: ${JSON.stringify(validate.errors)}`);
    }
  });

  it('refuses a misspelt key in every map', () => {
    const paths = [...maps(defaults)];
    assert.ok(paths.length > 30);
    for (const keys of paths) assert.equal(accepts(at([...keys, 'misspelt'], 1)), false, `${keys.join('.')}.misspelt is taken`);
  });

  it('refuses a wrong type for every value', () => {
    const wrong = (value) => (typeof value === 'string' ? 7 : 'a word');
    for (const keys of maps(defaults)) {
      for (const [key, value] of Object.entries(keys.reduce((inner, step) => inner[step], defaults))) {
        if (typeof value === 'object' && !Array.isArray(value)) continue;
        const changed = wrong(value);
        assert.equal(accepts(at([...keys, key], changed)), false, `${[...keys, key].join('.')}: ${changed} is taken`);
      }
    }
  });

  it('takes one host per gateway only where there are as many gateways as hosts, the least of an autoscaler included', () => {
    const hosts = (count) => ({ hosts: { count, perPod: true } });
    for (let count = 1; count <= 32; count++) {
      for (const gateways of [count - 1, count, count + 1].filter((n) => n > 0)) {
        const enough = gateways >= count;
        assert.equal(accepts({ ...hosts(count), gateway: { replicas: gateways } }), enough, `${gateways} for ${count}`);
        const autoscaling = { enabled: true, minReplicas: gateways, maxReplicas: 100 };
        assert.equal(accepts({ ...hosts(count), gateway: { replicas: 100, autoscaling } }), enough, `at least ${gateways} for ${count}`);
      }
    }
    assert.equal(accepts({ hosts: { count: 33, perPod: true }, gateway: { replicas: 100 } }), false);
    assert.ok(accepts({ hosts: { count: 32, perPod: false }, gateway: { replicas: 1 } }), 'shared hosts need no number');
  });

  it('keeps the place of other engines closed until there is one', () => {
    for (const counterd of [{ engine: 'redis' }, { replicas: 2 }, { redis: {} }]) {
      assert.equal(accepts({ counterd }), false, JSON.stringify(counterd));
    }
  });

  it('refuses what does not go together', () => {
    const tls = { enabled: true, existingSecret: 'certificate' };
    assert.ok(accepts({ tls: { ...tls, at: 'gateways' } }));
    assert.equal(accepts({ tls: { ...tls, at: 'gateways' }, ingress: { enabled: true } }), false);
    assert.equal(accepts({ tls: { enabled: true, at: 'gateways' } }), false, 'no certificate');
    assert.equal(accepts({ tls: { enabled: true }, ingress: { enabled: true } }), false, 'no certificate');
    assert.equal(accepts({ mtls: { enabled: true } }), false, 'no certificates');
    const existingSecrets = { gateway: 'g', counterd: 'c' };
    assert.equal(accepts({ mtls: { enabled: true, existingSecrets } }), false, 'no certificate for verifiers');
    assert.ok(accepts({ mtls: { enabled: true, existingSecrets }, verifier: { enabled: false } }));
    assert.ok(accepts({ mtls: { enabled: true, existingSecrets: { ...existingSecrets, verifier: 'v' } } }));
    assert.equal(accepts({ gatewayApi: { enabled: true } }), false, 'no Gateway');
    assert.equal(accepts({ tls: { certManager: { enabled: true } } }), false, 'no issuer');
  });
});

describe('Helm', () => {
  it('obeys the schema', () => inParallel([
    [['gatewy.replicas=3'], /gatewy/],
    [['gateway.config.max_conections=3'], /max_conections/],
    [['counterd.engine=redis'], /counterd\/engine/],
    [['hosts.perPod=true,gateway.replicas=9'], /want 10/],
    [['hosts.perPod=true,gateway.replicas=10,gateway.autoscaling.enabled=true,gateway.autoscaling.minReplicas=9'], /want 10/],
  ].map(([set, message]) => () => assert.rejects(render('default', { set }), message))));

  it('refuses an autoscaler that may never scale', () => assert.rejects(
    render('default', { set: ['gateway.autoscaling.enabled=true,gateway.autoscaling.minReplicas=11'] }), /minReplicas is above/));
});

describe('gateway.config', () => {
  // Flags that the chart sets itself, or that make no sense in a pod.
  const OWN = ['http_listen', 'console_listen', 'metrics_listen', 'edge', 'edge_token_file', 'state_dir', 'verifier', 'counterd',
    'upstream_tls_ca', 'upstream_tls_cert', 'upstream_tls_key', 'tls_cert', 'tls_key', 'max_connections', 'drain_seconds',
    'trusted_proxies', 'public_url', 'log_format', 'log_level', 'core_dumps', 'flagfile', 'check_config', 'help',
    'help_markdown', 'version'];

  it('takes every other flag of the program', () => {
    const documentation = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
    const own = documentation.split(/^## /m).find((part) => part.startsWith('livecounter-gateway'));
    const flags = [...own.matchAll(/^\| `--(\w+)`/gm)].map(([, flag]) => flag);
    const taken = Object.keys(schema.properties.gateway.properties.config.properties);
    assert.deepEqual([...OWN, ...taken].sort(), flags.sort());
  });
});
