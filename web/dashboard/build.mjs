// Writes built/, which the console embeds, from src/; with --check, only tells whether it is what it would
// write (exit code 1 if not). The built files are committed, so that building the programs needs no Node.
// First it makes the types of generated/ from the .proto files, and checks all types, strictly.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = path.join(here, '../..');
const packages = path.join(root, 'tests/node/node_modules');
const built = path.join(here, 'built');
const esbuild = createRequire(path.join(root, 'tests/node/package.json'))('esbuild');

const FIRST_LOAD_LIMIT = 120 * 1024;
const BUNDLED = ['preact', 'uplot', '@fontsource-variable/figtree'];

// Packages are looked for beside the sources and above them.
function linkPackages() {
  const link = path.join(here, 'node_modules');
  rmSync(link, { force: true });
  symlinkSync(path.relative(here, packages), link);
}

function run(program, args) {
  execFileSync(path.join(packages, '.bin', program), args, {
    cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${path.join(packages, '.bin')}:${process.env.PATH}` },
  });
}

// What messages look like in JSON. Of these files types alone are used, so nothing of them is bundled.
function generateTypes() {
  rmSync(path.join(here, 'generated'), { recursive: true, force: true });
  const template = { version: 'v2', plugins: [{ local: 'protoc-gen-es', out: path.join(here, 'generated'), opt: ['target=dts', 'json_types=true'] }] };
  const files = ['admin_service', 'counter_service'].flatMap((name) => ['--path', `proto/livecounter/v1/${name}.proto`]);
  run('buf', ['generate', 'proto', '--template', JSON.stringify(template), ...files]);
}

const licences = () => BUNDLED.map((name) =>
  `${name}\n\n${readFileSync(path.join(packages, name, 'LICENSE'), 'utf8').trim()}\n`).join(`\n${'-'.repeat(80)}\n\n`);

// Name → content of what belongs into built/.
function bundle() {
  const result = esbuild.buildSync({
    absWorkingDir: here,
    entryPoints: { dashboard: 'src/main.tsx', style: 'src/style.css' },
    outdir: built,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.woff2': 'file' },
    assetNames: '[name]',
    legalComments: 'none',
    banner: { js: '// Live Counter dashboard. Apache-2.0; /licences.txt has those of what is bundled. Built from web/dashboard/src.' },
  });
  const files = result.outputFiles.map(({ path: file, contents }) => [path.basename(file), Buffer.from(contents)]);
  return Object.fromEntries([...files, ['licences.txt', Buffer.from(licences())]]);
}

function reportSize(files) {
  const firstLoad = Object.entries(files).filter(([name]) => name !== 'licences.txt')
    .concat([['index.html', readFileSync(path.join(here, 'index.html'))]])
    .map(([name, content]) => [name, gzipSync(content, { level: 9 }).length]);
  const total = firstLoad.reduce((sum, [, size]) => sum + size, 0);
  console.log(`first load, gzipped: ${(total / 1024).toFixed(1)} KiB of at most ${FIRST_LOAD_LIMIT / 1024} (${
    firstLoad.map(([name, size]) => `${name} ${(size / 1024).toFixed(1)}`).join(', ')})`);
  if (total > FIRST_LOAD_LIMIT) throw new Error('the first load is too large');
}

function check(files) {
  const there = existsSync(built) ? readdirSync(built) : [];
  const stale = Object.keys(files).filter((name) => !there.includes(name) || !readFileSync(path.join(built, name)).equals(files[name]));
  const left = there.filter((name) => !(name in files));
  for (const name of [...stale, ...left]) {
    console.error(`web/dashboard/built/${name} is not what its sources make: run node web/dashboard/build.mjs`);
    process.exitCode = 1;
  }
}

function write(files) {
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(built, name), content);
}

linkPackages();
generateTypes();
run('tsc', ['-p', here]);
const files = bundle();
reportSize(files);
if (process.argv.includes('--check')) check(files);
else write(files);
