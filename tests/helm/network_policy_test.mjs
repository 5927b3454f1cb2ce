// Who reaches what when network policies are on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { ofKind, podOf, render, root } from './helm.mjs';
import { isAllowed } from './network_policy.mjs';

const PORTS = {
  http: { name: 'http', number: 8080 }, console: { name: 'console', number: 8081 }, edge: { name: 'edge', number: 9091 },
  metrics: { name: 'metrics', number: 9100 }, grpc: { name: 'grpc', number: 9090 }, workers: { name: 'grpc', number: 9092 },
  dns: { number: 53, protocol: 'UDP' }, https: { number: 443 }, odd: { number: 8443 }, ssh: { number: 22 },
};
const inNamespace = (name, labels = {}) => ({ labels, namespace: { 'kubernetes.io/metadata.name': name } });
const OTHERS = {
  ingress: inNamespace('ingress-nginx'), prometheus: inNamespace('monitoring'), dns: inNamespace('kube-system'),
  stranger: inNamespace('default'), shop: { ...inNamespace('counters', { app: 'shop' }), home: true },
  neighbour: { ...inNamespace('counters', { app: 'other' }), home: true },
  internet: { address: '8.8.8.8' }, internet6: { address: '2606:4700::1' }, office: { address: '192.0.2.7' },
};

let policies;
let ends;
before(async () => {
  const objects = await render('netpol');
  policies = ofKind(objects, 'NetworkPolicy');
  ends = { ...OTHERS };
  for (const pod of objects.map(podOf).filter(Boolean)) {
    ends[pod.metadata.labels['app.kubernetes.io/component']] =
      { labels: pod.metadata.labels, namespace: { 'kubernetes.io/metadata.name': 'counters' }, home: true };
  }
});

const allowed = (from, to, port) => isAllowed(policies, ends[from] ?? { address: from }, ends[to] ?? { address: to }, PORTS[port]);

describe('with network policies', () => {
  it('only gateways reach the port of counterd for gateways', () => {
    const callers = Object.keys(ends).filter((from) => allowed(from, 'counterd', 'edge'));
    assert.deepEqual(callers, ['gateway']);
  });

  it('counterd is called by consoles, the test, itself and who is named', () => {
    const callers = Object.keys(ends).filter((from) => allowed(from, 'counterd', 'grpc'));
    assert.deepEqual(callers.sort(), ['counterd', 'gateway', 'shop', 'test']);
  });

  it('verifiers are called by gateways and counterd', () => {
    const callers = Object.keys(ends).filter((from) => allowed(from, 'verifier', 'workers'));
    assert.deepEqual(callers.sort(), ['counterd', 'gateway']);
  });

  it('clients come from the ingress, and to the console from where is said', () => {
    assert.deepEqual(Object.keys(ends).filter((from) => allowed(from, 'gateway', 'http')).sort(), ['ingress', 'test']);
    assert.deepEqual(Object.keys(ends).filter((from) => allowed(from, 'gateway', 'console')), ['office']);
  });

  it('metrics are read by who is named', () => {
    for (const part of ['gateway', 'counterd', 'verifier']) {
      assert.deepEqual(Object.keys(ends).filter((from) => allowed(from, part, 'metrics')), ['prometheus'], part);
    }
  });

  it('names are resolved by all, in kube-system only', () => {
    for (const part of ['gateway', 'counterd', 'verifier', 'test']) {
      assert.ok(allowed(part, 'dns', 'dns'), part);
      assert.equal(allowed(part, 'internet', 'dns'), false, part);
    }
  });

  it('only verifiers reach the Internet', () => {
    const callers = Object.keys(ends).filter((from) => ends[from].home && allowed(from, 'internet', 'https'));
    assert.deepEqual(callers.sort(), ['neighbour', 'shop', 'verifier'], 'the first two are none of ours');
    assert.ok(allowed('verifier', 'internet6', 'odd'));
  });

  it('verifiers reach no private network but one that is named', () => {
    for (const address of ['10.0.0.1', '172.16.3.4', '192.168.1.1', '100.64.0.1', '127.0.0.1', '169.254.169.254', '168.63.129.16',
      'fd00:ec2::254', 'fe80::1', '::1', '64:ff9b::a00:1', '2002:a00:1::1', '2001:db8::1', '224.0.0.1', '0.0.0.0']) {
      assert.equal(allowed('verifier', address, 'https'), false, address);
    }
    assert.ok(allowed('verifier', '10.20.30.40', 'https'));
    assert.equal(allowed('verifier', 'counterd', 'grpc'), false);
    assert.equal(allowed('verifier', 'counterd', 'edge'), false);
  });

  it('refuse verifiers every range that the verifier refuses itself', () => {
    const source = readFileSync(path.join(root, 'verifier/address_policy.cc'), 'utf8');
    const ranges = [...source.matchAll(/\{"([0-9a-f.:]+)\/\d+", "/g)].map(([, base]) => base);
    assert.ok(ranges.length > 30);
    for (const base of ranges) assert.equal(allowed('verifier', base, 'https'), false, base);
  });

  it('nothing else is open', () => {
    for (const from of Object.keys(ends)) {
      for (const to of ['gateway', 'counterd', 'verifier', 'test']) assert.equal(allowed(from, to, 'ssh'), false, `${from} to ${to}`);
    }
    assert.equal(allowed('test', 'verifier', 'workers'), false);
    assert.equal(allowed('gateway', 'internet', 'https'), false);
  });
});

describe('without a list of who', () => {
  it('everybody reaches the gateways, and nobody else anything more', async () => {
    policies = ofKind(await render('default', { set: ['networkPolicy.enabled=true'] }), 'NetworkPolicy');
    assert.ok(allowed('internet', 'gateway', 'http') && allowed('stranger', 'gateway', 'console'));
    assert.deepEqual(Object.keys(ends).filter((from) => allowed(from, 'counterd', 'edge')), ['gateway']);
    assert.ok(allowed('stranger', 'counterd', 'metrics'));
    assert.equal(allowed('internet', 'counterd', 'metrics'), false);
  });
});
