// What the rendered objects promise: the restricted standard of pod security, references that lead somewhere,
// flags that the programs have, graces that are longer than drains, probes of the right kind.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { ciNames, inParallel, ofKind, podOf, render, root } from './helm.mjs';
import { restrictedFaults } from './pod_security.mjs';

const charts = {};
before(async () => {
  await inParallel(ciNames.map((name) => async () => { charts[name] = await render(name); }));
});

// Calls `check(pod, object, name)` for each pod of each values file.
function forEachPod(check) {
  let count = 0;
  for (const [name, objects] of Object.entries(charts)) {
    for (const object of objects) {
      const pod = podOf(object);
      if (pod) check(pod, object, `${name}: ${object.kind} ${object.metadata.name}`, objects);
      count += pod ? 1 : 0;
    }
  }
  assert.ok(count > 30);
}

const labelsMatch = (selector, labels) => Object.entries(selector).every(([key, value]) => labels?.[key] === value);
const flagsOf = (container) => container.args.map((argument) => /^--(\w+)=(.*)$/s.exec(argument)?.slice(1)).map((pair, i) =>
  pair ?? assert.fail(`not a flag: ${container.args[i]}`));

describe('pods', () => {
  it('keep to the restricted standard of pod security', () =>
    forEachPod((pod, object, name) => assert.deepEqual(restrictedFaults(pod), [], name)));

  it('write nowhere but in volumes, know no token of the cluster, and get no variables of Services', () => forEachPod((pod, _, name) => {
    assert.equal(pod.spec.automountServiceAccountToken, false, name);
    assert.equal(pod.spec.enableServiceLinks, false, name);
    for (const { securityContext } of pod.spec.containers) assert.equal(securityContext.readOnlyRootFilesystem, true, name);
  }));

  it('start no shell', () => forEachPod((pod, _, name) => {
    const commands = pod.spec.containers.flatMap(({ command, lifecycle }) => [command, lifecycle?.preStop?.exec?.command].filter(Boolean));
    for (const [program] of commands) assert.match(program, /^livecounter/, name);
  }));

  it('mount what there is', () => forEachPod((pod, object, name, objects) => {
    const claims = (object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
    const volumes = [...(pod.spec.volumes ?? []).map((volume) => volume.name), ...claims];
    const mounts = pod.spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map((mount) => mount.name));
    assert.deepEqual([...new Set(mounts)].sort(), volumes.sort(), name);
    const made = new Set([...ofKind(objects, 'Secret').map(({ metadata }) => metadata.name),
      ...ofKind(objects, 'Certificate').map(({ spec }) => spec.secretName)]);
    for (const { secret } of pod.spec.volumes ?? []) {
      if (!secret) continue;
      assert.ok(made.has(secret.secretName) || /^(counters-tokens|counters-certificate|mtls-\w+)$/.test(secret.secretName),
        `${name}: the Secret ${secret.secretName} is nowhere`);
    }
  }));

  it('are started with flags that their programs have', () => {
    const documentation = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8').split(/^## /m);
    forEachPod((pod, _, name) => {
      const [container] = pod.spec.containers;
      if (container.command[0] === 'livecounterctl') return;
      const own = documentation.find((part) => part.startsWith(`${container.command[0]}\n`));
      const known = new Set([...own.matchAll(/^\| `--(\w+)`/gm)].map(([, flag]) => flag));
      const flags = flagsOf(container).map(([flag]) => flag);
      for (const flag of flags) assert.ok(known.has(flag), `${name}: ${container.command[0]} has no --${flag}`);
      assert.equal(new Set(flags).size, flags.length, `${name}: a flag twice`);
    });
  });

  it('that test gateways which speak TLS trust the certificate that these show', async () => {
    const objects = await render('default', { set: ['tls.enabled=true,tls.at=gateways,tls.existingSecret=certificate,gateway.service.type=LoadBalancer'] });
    const [test] = ofKind(objects, 'Pod');
    const flags = Object.fromEntries(flagsOf(test.spec.containers[0]));
    assert.equal(flags.url, 'https://livecounter.example.com');
    assert.equal(flags.connect_to, 'live-livecounter-gateway:443');
    const [gateway] = ofKind(objects, 'StatefulSet').filter(({ metadata }) => metadata.name.endsWith('-gateway'));
    assert.match(flagsOf(gateway.spec.template.spec.containers[0]).join(), /tls_cert,\/etc\/livecounter\/tls\/tls\.crt/);
    for (const pod of [test, gateway.spec.template]) assert.ok(pod.spec.volumes.some(({ secret }) => secret?.secretName === 'certificate'));
  });

  it('have more grace than they need to drain', () => forEachPod((pod, object, name) => {
    const [container] = pod.spec.containers;
    if (!container.command[0].startsWith('livecounter-')) return;
    const flags = Object.fromEntries(flagsOf(container));
    const pause = Number(/^(\d+)s$/.exec(container.lifecycle?.preStop.exec.command.at(-1) ?? '0s')[1]);
    const drain = Number(flags.drain_seconds ?? 10);
    assert.ok(pod.spec.terminationGracePeriodSeconds > pause + drain + 5, `${name}: the program ends itself five seconds after its drain`);
    if (container.name === 'gateway') assert.ok(pause > 0, name);
  }));

  it('are asked over gRPC where they speak it, and over HTTP where that takes a certificate or is all they have', () =>
    forEachPod((pod, object, name, objects) => {
      const [container] = pod.spec.containers;
      if (!container.command[0].startsWith('livecounter-')) return;
      const overTls = container.args.some((argument) => argument.startsWith('--grpc_tls_cert='));
      const speaksGrpc = container.name !== 'gateway' && !overTls;
      const ports = new Map(container.ports.map((port) => [port.name, port.containerPort]));
      const expected = { startupProbe: ['alive', '/healthz'], livenessProbe: ['alive', '/healthz'], readinessProbe: ['ready', '/readyz'] };
      for (const [probe, [service, target]] of Object.entries(expected)) {
        if (speaksGrpc) assert.deepEqual(container[probe].grpc, { port: ports.get('grpc'), service }, `${name}: ${probe}`);
        else assert.deepEqual(container[probe].httpGet, { path: target, port: 'metrics' }, `${name}: ${probe}`);
      }
      assert.ok(objects.length);
    }));
});

describe('Services', () => {
  it('lead to pods that have the port, and each selector selects something', () => {
    for (const [name, objects] of Object.entries(charts)) {
      const pods = objects.map(podOf).filter(Boolean);
      for (const service of ofKind(objects, 'Service')) {
        const { 'statefulset.kubernetes.io/pod-name': ownPod, ...selector } = service.spec.selector;
        const selected = pods.filter((pod) => labelsMatch(selector, pod.metadata.labels));
        assert.equal(selected.length, 1, `${name}: ${service.metadata.name}`);
        if (ownPod) assert.match(ownPod, /-gateway-\d+$/);
        const ports = new Set(selected[0].spec.containers[0].ports.map((port) => port.name));
        for (const { targetPort } of service.spec.ports) assert.ok(ports.has(targetPort), `${name}: ${service.metadata.name} ${targetPort}`);
      }
    }
  });

  it('show metrics and gateways\' port of counterd to nobody outside', () => {
    const service = ofKind(charts.everything, 'Service').find(({ spec }) => spec.type === 'LoadBalancer');
    assert.deepEqual(service.spec.ports.map((port) => port.targetPort), ['http']);
  });

  it('and programs find each other under their names', () => {
    for (const [name, objects] of Object.entries(charts)) {
      const ports = new Map(ofKind(objects, 'Service').map(({ metadata, spec }) => [metadata.name, spec.ports.map(({ port }) => port)]));
      const sets = new Map(ofKind(objects, 'StatefulSet').map((set) => [set.metadata.name, set]));
      for (const set of sets.values()) {
        assert.ok(ports.has(set.spec.serviceName), `${name}: no Service ${set.spec.serviceName}`);
        const flags = Object.fromEntries(flagsOf(set.spec.template.spec.containers[0]));
        for (const target of [flags.edge, flags.counterd, ...(flags.verifier ?? '').split(',')].filter(Boolean)) {
          const [, pod, service, port] = /^(?:([\w-]+)\.)?([\w-]+):(\d+)$/.exec(target);
          assert.ok(ports.get(service)?.includes(Number(port)), `${name}: ${target}`);
          if (pod) assert.ok(sets.has(pod.replace(/-\d+$/, '')), `${name}: ${target}`);
        }
      }
    }
  });
});

describe('hosts', () => {
  // host -> Service, of Ingresses and HTTPRoutes.
  const routes = (objects) => new Map([
    ...ofKind(objects, 'Ingress').flatMap(({ spec }) => spec.rules.map(({ host, http }) => [host, http.paths[0].backend.service.name])),
    ...ofKind(objects, 'HTTPRoute').flatMap(({ spec }) => spec.hostnames.map((host) => [host, spec.rules[0].backendRefs[0].name])),
  ]);

  it('are ten that all lead to all gateways, and a common one', async () => {
    const found = routes(await render('default', { set: ['ingress.enabled=true'] }));
    const numbered = Array.from({ length: 10 }, (_, i) => `ws0${i}.livecounter.example.com`);
    assert.deepEqual([...found.keys()].sort(), ['livecounter.example.com', ...numbered]);
    assert.deepEqual(new Set(found.values()), new Set(['live-livecounter-gateway']));
  });

  it('lead to one gateway each where that is asked for, over Ingresses and over HTTPRoutes', () => {
    for (const [name, count] of [['hosts10', 10], ['gateway-api', 2]]) {
      const found = routes(charts[name]);
      for (let i = 0; i < count; i++) {
        const service = found.get(`ws${String(i).padStart(2, '0')}.counters.example.com`);
        assert.equal(service, `live-livecounter-gateway-${i}`);
        const { spec } = ofKind(charts[name], 'Service').find(({ metadata }) => metadata.name === service);
        assert.equal(spec.selector['statefulset.kubernetes.io/pod-name'], `live-livecounter-gateway-${i}`);
      }
      assert.equal(found.get('counters.example.com'), 'live-livecounter-gateway');
    }
  });

  it('the console\'s snippets name is the common one, once clients reach it', async () => {
    const urlOf = (objects) => {
      const [gateway] = ofKind(objects, 'StatefulSet').filter(({ metadata }) => metadata.name.endsWith('-gateway'));
      return Object.fromEntries(flagsOf(gateway.spec.template.spec.containers[0])).public_url;
    };
    assert.equal(urlOf(charts.tls), 'https://live.example.com');
    assert.equal(urlOf(charts.hosts10), 'http://counters.example.com');
    assert.equal(urlOf(charts.default), undefined);
  });

  it('have a certificate, the console\'s too', () => {
    const [certificate] = ofKind(charts.tls, 'Certificate').filter(({ metadata }) => metadata.name.endsWith('-tls'));
    const hosts = [...routes(charts.tls).keys()];
    assert.equal(hosts.length, 12);
    assert.deepEqual([...certificate.spec.dnsNames].sort(), hosts.sort());
  });
});

describe('certificates between the parts', () => {
  it('are for the names that the parts call each other by', () => {
    const names = ofKind(charts.tls, 'Certificate').flatMap(({ spec }) => spec.dnsNames);
    const [gateway] = ofKind(charts.tls, 'StatefulSet').filter(({ metadata }) => metadata.name.endsWith('-gateway'));
    const flags = Object.fromEntries(flagsOf(gateway.spec.template.spec.containers[0]));
    for (const target of [flags.edge, flags.counterd, ...flags.verifier.split(',')]) assert.ok(names.includes(target.split(':')[0]), target);
  });
});

describe('what holds back', () => {
  it('budgets select the pods that they are for', () => {
    for (const budget of ofKind(charts.ha, 'PodDisruptionBudget')) {
      const selected = charts.ha.map(podOf).filter((pod) => pod && labelsMatch(budget.spec.selector.matchLabels, pod.metadata.labels));
      assert.equal(selected.length, 1, budget.metadata.name);
    }
    assert.equal(ofKind(charts.ha, 'PodDisruptionBudget').length, 2);
  });

  it('an autoscaler decides the number of gateways alone', () => {
    const [scaler] = ofKind(charts.hpa, 'HorizontalPodAutoscaler');
    const set = charts.hpa.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === scaler.spec.scaleTargetRef.name);
    assert.equal('replicas' in set.spec, false);
    assert.equal(scaler.spec.metrics[0].pods.metric.name, 'livecounter_gateway_connections');
  });
});
