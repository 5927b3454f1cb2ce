// The pods that the chart renders, run by podman from the real image: a stand-in for the parts of Kubernetes
// that start, probe, restart and stop pods. What it takes from the objects as it is: image, command, arguments,
// environment, ports, user, capabilities, read-only root, memory limit, Secrets and volumes, probes, preStop,
// grace, Services. What it does not have: an API server, schedulers, ingresses, network policies.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GrpcPeer } from '../support/grpc.mjs';
import { request } from '../support/http.mjs';
import { until } from '../support/wait.mjs';
import { ofKind, root } from './helm.mjs';
import { ServiceProxy } from './service_proxy.mjs';

const run = promisify(execFile);
const ownPrefix = `livecounter-test-${process.pid}`;
const MEMORY = /^(\d+)(Mi|Gi)$/;

export async function podman(...args) {
  try {
    return (await run(path.join(root, 'tools/podman'), args, { maxBuffer: 64 << 20 })).stdout.trim();
  } catch (error) {
    throw new Error(`podman ${args[0]} ${args.at(-1)}: ${error.stderr || error.message}`);
  }
}

function megabytes(quantity) {
  const [, number, unit] = MEMORY.exec(quantity);
  return Number(number) * (unit === 'Gi' ? 1024 : 1);
}

// What a probe was answered: { passed, answer }.
async function askHttp(base, target) {
  try {
    const { status, text } = await request(base, target, { ms: 2000 });
    return { passed: status === 200, answer: `${status} ${text}` };
  } catch (error) {
    return { passed: false, answer: error.message };
  }
}

async function askGrpc(base, service) {
  const peer = new GrpcPeer(base);
  try {
    const { status } = await peer.health().call('Check', { service });
    return { passed: status === 'SERVING', answer: status };
  } catch (error) {
    return { passed: false, answer: error.message };
  } finally {
    peer.close();
  }
}

// One pod: its container in a pod of podman's, in a network of its own.
export class Pod {
  restarts = 0;
  isReady = false;
  #stopping = false;

  constructor(cluster, name, template) {
    this.cluster = cluster;
    this.name = name;
    this.spec = template.spec;
    this.labels = template.metadata.labels;
    [this.container] = template.spec.containers;
    this.id = `${ownPrefix}-${name}`;
    this.place = cluster.network.reserve();
    this.address = this.place.address;
  }

  port(name) {
    return this.container.ports.find((port) => port.name === name).containerPort;
  }

  at(name) {
    return `${this.address}:${this.port(name)}`;
  }

  async start() {
    await podman('pod', 'create', '--name', `${this.id}-pod`, '--network', 'none', '--hostname', this.name, '--no-hosts');
    const infra = JSON.parse(await podman('pod', 'inspect', `${this.id}-pod`)).InfraContainerID;
    await podman('start', infra);
    this.cluster.network.attach(this.place, JSON.parse(await podman('inspect', infra))[0].State.Pid);
    await podman('create', '--pod', `${this.id}-pod`, '--name', this.id, ...this.#options(), this.container.image,
      ...this.container.command.slice(1), ...(this.container.args ?? []));
    await this.#launch();
  }

  #options() {
    const { securityContext: own, env = [], volumeMounts = [], resources } = this.container;
    const pod = this.spec.securityContext;
    const limit = resources.limits?.memory;
    return [
      '--entrypoint', JSON.stringify([this.container.command[0]]),
      '--user', `${pod.runAsUser}:${pod.runAsGroup}`,
      ...own.capabilities.drop.flatMap((name) => ['--cap-drop', name]),
      ...(own.allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
      ...(own.readOnlyRootFilesystem ? ['--read-only', '--read-only-tmpfs=false'] : []),
      ...(limit ? ['--memory', `${megabytes(limit)}m`] : []),
      '--volume', `${this.cluster.hostsFile(this)}:/etc/hosts:ro`,
      ...env.flatMap(({ name, value }) => ['--env', `${name}=${value}`]),
      ...volumeMounts.flatMap(({ name, mountPath, readOnly }) =>
        ['--volume', `${this.cluster.volume(this, name)}:${mountPath}${readOnly ? ':ro' : ''}`]),
    ];
  }

  async #launch() {
    await podman('start', this.id);
    const started = JSON.parse(await podman('inspect', this.id))[0].State;
    this.pid = started.Pid;
    this.exited = podman('wait', this.id).then(Number);
    this.exited.then((code) => this.#onExit(code));
  }

  // As restartPolicy: Always.
  async #onExit(code) {
    this.lastExit = code;
    this.isReady = false;
    if (this.#stopping || this.spec.restartPolicy === 'Never') return;
    this.restarts += 1;
    await this.#launch().catch((error) => { this.failure = error; });
  }

  // Asks one probe.
  async probe(kind) {
    const { httpGet, grpc } = this.container[kind];
    const { passed, answer } = grpc
      ? await askGrpc(`${this.address}:${grpc.port}`, grpc.service)
      : await askHttp(this.at(httpGet.port), httpGet.path);
    this.lastAnswer = answer;
    return passed;
  }

  // Until it has started and is ready, within what its startup probe allows.
  async ready() {
    const { periodSeconds, failureThreshold } = this.container.startupProbe;
    for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      await until(() => this.probe(kind), periodSeconds * failureThreshold * 1000, () => `${this.name}: ${kind}, but ${this.lastAnswer}`)
        .catch(async (error) => { throw new Error(`${error.message}\n${await this.logs()}`); });
    }
    this.isReady = true;
  }

  // kill -9 of its program.
  kill() {
    process.kill(this.pid, 'SIGKILL');
  }

  // Its program stands still until resume(), and notices nothing.
  pause() {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume() {
    process.kill(this.pid, 'SIGCONT');
  }

  // As kubelet ends a pod: preStop, SIGTERM, and SIGKILL after the grace; { code, tookMs, preStopMs }.
  async stop() {
    this.#stopping = true;
    this.isReady = false; // endpoints forget it as soon as it is to go
    const start = performance.now();
    const hook = this.container.lifecycle?.preStop?.exec.command;
    if (hook) await podman('exec', this.id, ...hook);
    const preStopMs = performance.now() - start;
    const left = this.spec.terminationGracePeriodSeconds - Math.ceil(preStopMs / 1000);
    await podman('stop', '--time', String(left), this.id);
    return { code: await this.exited, tookMs: performance.now() - start, preStopMs };
  }

  // Runs a program of the image in it, as `kubectl exec` does.
  exec(...command) {
    return podman('exec', this.id, ...command);
  }

  logs() {
    return run(path.join(root, 'tools/podman'), ['logs', this.id]).then(({ stdout, stderr }) => stdout + stderr);
  }

  // What a StatefulSet puts in the place of a pod that has stopped: one of the same name, at a new address,
  // not started yet.
  successor() {
    const next = new Pod(this.cluster, this.name, { spec: this.spec, metadata: { labels: this.labels } });
    next.serviceName = this.serviceName;
    return next;
  }

  async remove() {
    this.#stopping = true;
    await podman('pod', 'rm', '--force', '--time', '0', `${this.id}-pod`).catch(() => {});
  }
}

export class PodCluster {
  pods = new Map();
  services = new Map(); // those with an address of their own

  constructor(objects, network) {
    this.objects = objects;
    this.network = network;
    this.folder = mkdtempSync(path.join(tmpdir(), `${ownPrefix}-`));
    chmodSync(this.folder, 0o711);
    for (const set of ofKind(objects, 'StatefulSet')) {
      for (let i = 0; i < set.spec.replicas; i++) {
        const name = `${set.metadata.name}-${i}`;
        const pod = new Pod(this, name, structuredClone(set.spec.template));
        pod.labels = { ...pod.labels, 'statefulset.kubernetes.io/pod-name': name };
        pod.serviceName = set.spec.serviceName;
        this.pods.set(name, pod);
      }
    }
    for (const service of ofKind(objects, 'Service').filter(({ spec }) => spec.clusterIP !== 'None')) {
      const select = () => this.selected(service).filter((pod) => pod.isReady || service.spec.publishNotReadyAddresses);
      this.services.set(service.metadata.name, new ServiceProxy(service, network.addService(), select));
    }
  }

  // All pods of a part.
  part(component) {
    return [...this.pods.values()].filter(({ labels }) => labels['app.kubernetes.io/component'] === component);
  }

  // Those that a Service leads to.
  selected(service) {
    return [...this.pods.values()].filter(({ labels }) => Object.entries(service.spec.selector).every(([key, value]) => labels[key] === value));
  }

  // A pod's /etc/hosts, which stands for the cluster's DNS.
  hostsFile(pod) {
    const file = path.join(this.folder, pod.name, 'hosts');
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o711 });
    const lines = [['localhost', '127.0.0.1'], [pod.name, pod.address], ...this.hosts()];
    writeFileSync(file, lines.map(([name, address]) => `${address} ${name}\n`).join(''), { mode: 0o644 });
    return file;
  }

  hosts() {
    const pods = [...this.pods.values()].map((pod) => [`${pod.name}.${pod.serviceName}`, pod.address]);
    return [...pods, ...[...this.services].map(([name, { address }]) => [name, address])];
  }

  // The folder of a volume: a Secret's files, or an empty one, which goes with its pod (replace()) or is a claim's.
  volume(pod, name) {
    const folder = path.join(this.folder, pod.name, name);
    mkdirSync(folder, { recursive: true });
    chmodSync(path.dirname(folder), 0o711);
    const { fsGroup, runAsUser } = pod.spec.securityContext;
    const volume = pod.spec.volumes?.find((one) => one.name === name);
    if (volume?.secret) this.#fillSecret(folder, volume.secret, fsGroup);
    else chownSync(folder, runAsUser, fsGroup);
    return folder;
  }

  #fillSecret(folder, { secretName, defaultMode, items }, group) {
    const secret = ofKind(this.objects, 'Secret').find(({ metadata }) => metadata.name === secretName);
    const data = secret?.data ?? {};
    for (const { key, path: file } of items ?? Object.keys(data).map((one) => ({ key: one, path: one }))) {
      const target = path.join(folder, file);
      rmSync(target, { force: true });
      writeFileSync(target, Buffer.from(data[key], 'base64'), { mode: defaultMode });
      chmodSync(target, defaultMode);
      chownSync(target, 0, group);
    }
  }

  // Where a Service is: "address:port".
  at(service) {
    const proxy = this.services.get(service);
    return `${proxy.address}:${proxy.service.spec.ports[0].port}`;
  }

  async start() {
    for (const service of this.services.values()) await service.start();
    await Promise.all([...this.pods.values()].map((pod) => pod.start()));
    await Promise.all([...this.pods.values()].map((pod) => pod.ready()));
  }

  // Removes a pod that has stopped, and starts its successor.
  async replace(pod) {
    await pod.remove();
    for (const { name, emptyDir } of pod.spec.volumes ?? []) {
      if (emptyDir) rmSync(path.join(this.folder, pod.name, name), { recursive: true, force: true });
    }
    const next = pod.successor();
    this.pods.set(pod.name, next);
    for (const other of this.pods.values()) this.hostsFile(other);
    await next.start();
    await next.ready();
    return next;
  }

  // Runs a pod that ends, as a hook of Helm's: { code, output }.
  async runToEnd(object) {
    const pod = new Pod(this, object.metadata.name, object);
    try {
      await pod.start();
      const code = await pod.exited;
      return { code, output: await pod.logs() };
    } finally {
      await pod.remove();
    }
  }

  async remove() {
    for (const service of this.services.values()) service.stop();
    for (const pod of this.pods.values()) await pod.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// The shared libraries that a process has mapped.
export function mappedLibraries(pid) {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return [...new Set([...maps.matchAll(/ (\/\S+\.so\S*)$/gm)].map(([, file]) => file))];
}
