// The npm package: packed, installed in a project of its own, imported and typed there, as its users do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const compiler = path.join(here, '../../tests/node/node_modules/.bin/tsc');
const manifest = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));

const TYPED = `import { connect, formatNumber, type Handle } from '${manifest.name}';
const handle: Handle = connect(document.body, { key: 'k', hosts: ['ws00.example.com'] });
document.title = formatNumber(10_200, 'en');
handle.close();
// @ts-expect-error: the API key is a string
connect(document.body, { key: 17 });
`;

describe('the npm package', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'livecounter-package-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  // Asks no registry, and leaves nothing at home.
  const npm = (cwd, ...args) => execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd, encoding: 'utf8', env: { ...process.env, npm_config_cache: path.join(folder, 'cache'), npm_config_update_notifier: 'false' },
  });

  let packed;
  before(() => {
    [packed] = JSON.parse(npm(here, 'pack', '--json', '--pack-destination', folder));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'a-project', private: true, type: 'module' }));
    npm(folder, 'install', path.join(folder, packed.filename));
  });

  it('has what is used and read, and nothing more', () => {
    assert.deepEqual(packed.files.map((file) => file.path).sort(), [...manifest.files, 'LICENSE', 'README.md', 'package.json'].sort());
    assert.equal(packed.version, manifest.version);
  });

  it('has the licence that it names, which is that of the whole', () => {
    const licence = readFileSync(path.join(folder, 'node_modules', manifest.name, 'LICENSE'), 'utf8');
    assert.equal(licence, readFileSync(path.join(here, '../../LICENSE'), 'utf8'));
    assert.equal(manifest.license, 'Apache-2.0');
    assert.match(licence, /Apache License\s+Version 2\.0,/);
  });

  it('brings no other package', () => {
    const { packages } = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8'));
    assert.deepEqual(Object.keys(packages), ['', `node_modules/${manifest.name}`]);
  });

  it('is imported by its name, outside a browser too', () => {
    const script = `import * as client from '${manifest.name}';
      console.log(JSON.stringify([Object.keys(client).sort(), client.formatNumber(10_200, 'en')]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), [['connect', 'formatNumber'], '10.2k']);
  });

  it('has the classic script and the module that gateways serve', () => {
    const installed = path.join(folder, 'node_modules', manifest.name);
    for (const name of ['client.js', 'client.mjs', 'client.integrity.json']) {
      assert.deepEqual(readFileSync(path.join(installed, name)), readFileSync(path.join(here, name)), name);
    }
  });

  for (const moduleResolution of ['bundler', 'nodenext']) {
    it(`is typed where modules are found by ${moduleResolution}`, () => {
      writeFileSync(path.join(folder, 'page.ts'), TYPED);
      writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
        compilerOptions: {
          strict: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom'], types: [],
          module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext', moduleResolution,
        },
        files: ['page.ts'],
      }));
      execFileSync(compiler, ['--project', folder], { stdio: 'inherit' });
    });
  }
});
