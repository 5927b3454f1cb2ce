// The chart run: the pods of the default values and of hosts10, in containers of the real image (pods.mjs says
// what stands for Kubernetes). They come up, pass their probes, count two viewers, take a POST, survive a
// kill, and drain. Needs root, podman and the image: ./dev chart.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { moveToOwnNetwork } from '../chaos/networks.mjs';
import { EventStream } from '../support/event_stream.mjs';
import { get, post } from '../support/http.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { MAX_IMAGE_BYTES, ofKind, render, root } from './helm.mjs';
import { PodNetwork } from './pod_network.mjs';
import { mappedLibraries, PodCluster, podman } from './pods.mjs';
import { filesOf, schemaComplaints } from './sbom.mjs';

const refusal = moveToOwnNetwork();
if (refusal) throw new Error(refusal);

const end = (viewers) => viewers.forEach(({ ws }) => ws.terminate());
const join = (where, key, urlId, pId) => new Socket(where.at('http'), subPath({ key, urlId, pId }));

async function started(name, set = []) {
  const objects = await render(name, { set: ['image.pullPolicy=Never', ...set] });
  const network = new PodNetwork();
  const cluster = new PodCluster(objects, network);
  const begin = performance.now();
  try {
    await cluster.start();
  } catch (error) {
    await cluster.remove();
    network.remove();
    throw error;
  }
  console.log(`${name}: ${cluster.pods.size} pods ready after ${Math.round(performance.now() - begin)} ms`);
  return cluster;
}

async function ended(cluster) {
  await cluster?.remove();
  cluster?.network.remove();
}

describe('the default chart', () => {
  let cluster;
  let gateways;
  let counterd;
  let key;
  before(async () => {
    cluster = await started('default');
    gateways = cluster.part('gateway');
    [counterd] = cluster.part('counterd');
  });
  after(() => ended(cluster));

  it('has two gateways, a counterd and two verifiers, all ready', async () => {
    assert.deepEqual([gateways.length, cluster.part('counterd').length, cluster.part('verifier').length], [2, 1, 2]);
    for (const pod of cluster.pods.values()) assert.ok(await pod.probe('readinessProbe'), pod.name);
  });

  it('passes `helm test`: two viewers, each of whom sees 2', async () => {
    const [pod] = ofKind(cluster.objects, 'Pod');
    const { code, output } = await cluster.runToEnd(pod);
    assert.equal(code, 0, output);
    assert.match(output, /2 viewers of one page: each saw 2/);
  });

  it('is administered by livecounterctl in the pod of counterd, as its notes say', async () => {
    const ctl = (...words) => counterd.exec('livecounterctl', ...words);
    await ctl('account', 'create', 'shop');
    await ctl('account', 'activate', 'shop');
    await ctl('product', 'create', 'shop/web', '--allowed_origins=*', '--auto_create_counters');
    ({ key } = JSON.parse(await ctl('key', 'create', 'shop/web', '-o', 'json')));
    assert.match(key, /^[\w-]+$/);
    assert.equal((await ctl('account', 'list')).includes('livecounterctl try'), false, 'the test has tidied up');
  });

  it('serves two viewers at two gateways, and a POST', async (t) => {
    await until(async () => (await get(gateways[1].at('http'), `/counters/visits/?key=${key}`)).status !== 401, 5000);
    const viewers = gateways.map((pod, i) => join(pod, key, 'page', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(2)));
    const answers = [];
    for (const pod of [...gateways, ...gateways]) answers.push((await post(pod.at('http'), `/counters/visits/?key=${key}`)).text);
    assert.deepEqual(answers, ['1\n', '2\n', '3\n', '4\n']);
  });

  it('serves clients and the console at their Services', async (t) => {
    const service = { at: () => cluster.at('live-livecounter-gateway') };
    const viewers = Array.from({ length: 20 }, (_, i) => join(service, key, 'service', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(20)));
    assert.equal((await get(cluster.at('live-livecounter-console'), '/')).status, 200);
    assert.equal((await get(service.at(), '/client.js')).status, 200);
  });

  it('runs as the restricted user on a read-only root', async () => {
    for (const pod of cluster.pods.values()) {
      const status = readFileSync(`/proc/${pod.pid}/status`, 'utf8');
      assert.match(status, /^Uid:\t10001\t10001\t10001\t10001$/m, pod.name);
      assert.match(status, /^CapEff:\t0000000000000000$/m, pod.name);
      assert.match(status, /^NoNewPrivs:\t1$/m, pod.name);
      assert.match(status, /^Seccomp:\t2$/m, pod.name);
      assert.match(readFileSync(`/proc/${pod.pid}/mountinfo`, 'utf8'), /^\S+ \S+ \S+ \S+ \/ ro[, ]/m, pod.name);
    }
    await assert.rejects(gateways[0].exec('sh', '-c', 'true'), /sh|executable/, 'there is no shell');
  });

  it('is small', async (t) => {
    const { image } = gateways[0].container;
    const bytes = Number(await podman('image', 'inspect', '--format', '{{.Size}}', image));
    t.diagnostic(`${image}: ${bytes} bytes`);
    assert.ok(bytes < MAX_IMAGE_BYTES, `${bytes} bytes`);
  });

  it('has an SBOM that is CycloneDX, and has loaded nothing that it does not name', async () => {
    const sbom = JSON.parse(readFileSync(path.join(root, 'build/image/sbom.cdx.json'), 'utf8'));
    assert.deepEqual(await schemaComplaints(sbom), '');
    const known = filesOf(sbom);
    for (const pod of cluster.pods.values()) {
      const mapped = mappedLibraries(pod.pid).map((file) => file.replace(/^\/(lib|lib64)\//, '/usr/$1/'));
      assert.ok(mapped.length > 10, `${pod.name}: ${mapped}`);
      assert.deepEqual(mapped.filter((file) => !known.has(file)), [], pod.name);
    }
  });

  it('survives a kill of a gateway: it comes back, and who was elsewhere sees the right number', async (t) => {
    const [a, b] = gateways;
    const observer = join(a, key, 'kill', 'observer');
    const going = join(b, key, 'kill', 'going');
    t.after(() => end([observer, going]));
    await observer.untilValue(2);
    b.kill();
    await until(() => b.restarts === 1, 10_000);
    await b.ready();
    await observer.untilValue(1, 20_000);
    const back = join(b, key, 'kill', 'going');
    t.after(() => end([back]));
    await observer.untilValue(2);
  });

  it('survives a kill of counterd: no number dips, no hit is lost', async (t) => {
    const viewers = gateways.map((pod, i) => join(pod, key, 'store', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(2)));
    const posted = Number((await post(gateways[0].at('http'), `/counters/visits/?key=${key}`)).text);
    counterd.kill();
    await until(() => counterd.restarts === 1, 10_000);
    await counterd.ready();
    const next = Number((await post(gateways[1].at('http'), `/counters/visits/?key=${key}`)).text);
    assert.equal(next, posted + 1);
    await sleep(2000);
    for (const { values } of viewers) assert.deepEqual(values.slice(values.indexOf(2)).filter((value) => value < 2), []);
  });

  it('bills what a gateway let in while counterd was away, though its container was killed then', async (t) => {
    const billed = async () => {
      const { points } = JSON.parse(await counterd.exec('livecounterctl', 'usage', 'shop', '-o', 'json'));
      return points.reduce((sum, { connections }) => sum + Number(connections), 0);
    };
    const [gateway] = gateways;
    const journal = path.join(cluster.volume(gateway, 'state'), 'usage-journal');
    await until(() => !existsSync(journal), 5000);
    await sleep(2000);
    const before = await billed();
    counterd.pause();
    t.after(() => counterd.resume());
    const viewers = Array.from({ length: 5 }, (_, i) => join(gateway, key, 'journal', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.opened()));
    await sleep(2000);
    assert.ok(existsSync(journal), 'it is in the volume of the pod');
    const killed = gateway.restarts;
    gateway.kill();
    await until(() => gateway.restarts === killed + 1, 10_000);
    counterd.resume();
    await gateway.ready();
    await until(async () => (await billed()) === before + 5, 10_000, 'all of them are counted');
    await until(() => !existsSync(journal), 5000);
  });

  it('drains a gateway that is stopped: a pause, hints to come back, and an end in time', async (t) => {
    const [a, b] = gateways;
    const observer = join(a, key, 'drain', 'observer');
    const viewers = Array.from({ length: 10 }, (_, i) => join(b, key, 'drain', `viewer ${i}`));
    const stream = await EventStream.open(b.at('http'), subPath({ key, urlId: 'drain', pId: 'stream' }));
    t.after(() => end([observer, ...viewers]));
    await observer.untilValue(12);
    const stopped = b.stop();
    await sleep(2500);
    const late = join(b, key, 'drain', 'late');
    t.after(() => end([late]));
    await late.untilValue(13);
    const closes = await Promise.all([...viewers, late].map(({ closed }) => closed));
    for (const { code, reason } of closes) {
      assert.equal(code, 1001);
      assert.match(reason, /^retry=\d+$/);
    }
    const { code, tookMs, preStopMs } = await stopped;
    assert.equal(code, 0);
    assert.ok(preStopMs > 4900, `preStop took ${preStopMs} ms`);
    assert.ok(tookMs < b.spec.terminationGracePeriodSeconds * 1000, `${tookMs} ms`);
    stream.close();
    console.log(`drain: preStop ${Math.round(preStopMs)} ms, ended after ${Math.round(tookMs)} ms of ${b.spec.terminationGracePeriodSeconds} s`);
  });

  it('ends counterd and verifiers cleanly', async () => {
    for (const pod of [...cluster.part('verifier'), counterd]) assert.equal((await pod.stop()).code, 0, pod.name);
  });
});

describe('hosts10: one host for each of ten gateways', () => {
  let cluster;
  before(async () => { cluster = await started('hosts10'); });
  after(() => ended(cluster));

  // What stands behind each host, by the Ingresses and Services.
  function podsByHost() {
    const services = new Map(ofKind(cluster.objects, 'Service').map((service) => [service.metadata.name, service]));
    const rules = ofKind(cluster.objects, 'Ingress').flatMap(({ spec }) => spec.rules);
    return new Map(rules.map(({ host, http }) => [host, cluster.selected(services.get(http.paths[0].backend.service.name))]));
  }

  it('each host has its own gateway, the common one all of them', () => {
    const hosts = podsByHost();
    const numbered = [...hosts].filter(([host]) => host.startsWith('ws'));
    assert.equal(numbered.length, 10);
    assert.equal(new Set(numbered.map(([, pods]) => pods.map(({ name }) => name).join())).size, 10);
    assert.ok(numbered.every(([, pods]) => pods.length === 1));
    assert.equal(hosts.get('counters.example.com').length, 10);
  });

  it('ten viewers at ten hosts see 10, and ten POSTs count to ten', async (t) => {
    const pods = [...podsByHost()].filter(([host]) => host.startsWith('ws')).map(([, [pod]]) => pod);
    const viewers = pods.map((pod, i) => join(pod, 'demo', 'ten', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(10, 10_000)));
    const values = await Promise.all(pods.map(async (pod) => Number((await post(pod.at('http'), '/counters/2/')).text)));
    assert.deepEqual(values.sort((x, y) => x - y), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('a gateway that is killed takes its own viewer only', async (t) => {
    const gateways = cluster.part('gateway');
    const viewers = gateways.map((pod, i) => join(pod, 'demo', 'one', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(10, 10_000)));
    gateways[9].kill();
    await gateways[9].exited;
    await until(() => gateways[9].restarts === 1, 10_000);
    await gateways[9].ready();
    const back = join(gateways[9], 'demo', 'one', 'viewer 9');
    t.after(() => end([back]));
    await back.untilValue(10);
    await sleep(14_000);
    for (const { values } of viewers.slice(0, 9)) assert.ok(values.slice(values.indexOf(10)).every((value) => value === 10), `${values}`);
  });

  it('a gateway that is stopped drains, and its successor serves its host from another address', async (t) => {
    const host = [...podsByHost()].find(([, pods]) => pods.length === 1)[0];
    const served = () => podsByHost().get(host)[0];
    const before = served();
    const elsewhere = cluster.part('gateway').find((pod) => pod !== before);
    const observer = join(elsewhere, 'demo', 'successor', 'observer');
    const going = join(before, 'demo', 'successor', 'going');
    t.after(() => end([observer, going]));
    await observer.untilValue(2);
    const { code } = await before.stop();
    assert.equal(code, 0);
    const closed = await going.closed;
    assert.equal(closed.code, 1001);
    assert.match(closed.reason, /^retry=\d+$/);
    await cluster.replace(before);
    assert.notEqual(served().address, before.address);
    const back = join(served(), 'demo', 'successor', 'going');
    t.after(() => end([back]));
    await back.untilValue(2);
    await observer.untilValue(2);
  });

  it('counterd comes back at another address, and every gateway finds it', async (t) => {
    const [counterd] = cluster.part('counterd');
    const viewers = cluster.part('gateway').map((pod, i) => join(pod, 'demo', 'moved', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(10, 10_000)));
    assert.equal((await counterd.stop()).code, 0);
    const next = await cluster.replace(counterd);
    assert.notEqual(next.address, counterd.address);
    const late = join(cluster.part('gateway')[0], 'demo', 'moved', 'late');
    t.after(() => end([late]));
    await Promise.all([...viewers, late].map((viewer) => viewer.untilValue(11, 20_000)));
    for (const { values } of viewers) assert.deepEqual(values.slice(values.indexOf(10)).filter((value) => value < 10), []);
  });
});

after(async () => {
  const left = await podman('pod', 'ps', '--filter', `name=livecounter-test-${process.pid}`, '--format', '{{.Name}}');
  assert.equal(left, '', 'pods were left');
});
