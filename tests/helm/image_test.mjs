// What the image is made of, without making one: tools/image-root with the programs of this build. run_test.mjs has
// the image itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { binaryPath, scratchFolder } from '../support/programs.mjs';
import { MAX_IMAGE_BYTES, root as repository } from './helm.mjs';
import { filesOf, schemaComplaints } from './sbom.mjs';

const PROGRAMS = ['livecounter', 'livecounter-counterd', 'livecounter-gateway', 'livecounter-verifier', 'livecounterctl'];

function run(command, ...args) {
  return execFileSync(command, args, { cwd: repository, encoding: 'utf8', maxBuffer: 64 << 20 });
}

// The paths of all files below, as they are in the image; links are not followed.
function* filesBelow(folder, inside = '') {
  for (const entry of readdirSync(path.join(folder, inside), { withFileTypes: true })) {
    const name = `${inside}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, name);
    else if (entry.isFile()) yield name;
  }
}

const cannot = process.getuid() !== 0 && 'giving a folder to the image\'s user takes root';

describe('the files of the image', { skip: cannot }, () => {
  const image = path.join(scratchFolder(), 'image');
  let sbom;
  let files;

  before(() => {
    const made = scratchFolder();
    mkdirSync(path.join(made, 'bin'));
    for (const name of PROGRAMS) run('strip', '--strip-unneeded', '-o', path.join(made, 'bin', name), binaryPath(name));
    writeFileSync(path.join(made, 'compiled-in'), run('tools/compiled-in', path.dirname(path.dirname(binaryPath('livecounter')))));
    run('tools/image-root', made, image);
    sbom = JSON.parse(readFileSync(path.join(image, 'usr/share/livecounter/sbom.cdx.json'), 'utf8'));
    files = [...filesBelow(image)];
  });

  it('have an SBOM that is CycloneDX', async () => {
    assert.deepEqual(await schemaComplaints(sbom), '');
  });

  it('would not pass with one that is not', async () => {
    const [first, ...others] = sbom.components;
    for (const wrong of [{ ...first, type: 'program' }, { ...first, nmae: 'x' }, { ...first, hashes: [{ alg: 'SHA-256', content: 'x' }] }]) {
      assert.notDeepEqual(await schemaComplaints({ ...sbom, components: [wrong, ...others] }), '');
    }
  });

  it('have an SBOM whose references lead somewhere, each to one', () => {
    const references = [sbom.metadata.component, ...sbom.components].map((component) => component['bom-ref']);
    const known = new Set(references);
    assert.equal(known.size, references.length);
    for (const { ref, dependsOn } of sbom.dependencies) {
      assert.deepEqual([ref, ...dependsOn].filter((reference) => !known.has(reference)), [], ref);
    }
  });

  it('are named by it with their hashes, all that can be run or loaded', () => {
    const named = filesOf(sbom);
    const runnable = files.filter((name) => /^\/usr\/(bin|lib|lib64)\//.test(name));
    assert.ok(runnable.length > 50, `${runnable.length} files`);
    for (const name of runnable) {
      assert.equal(named.get(name), createHash('sha256').update(readFileSync(image + name)).digest('hex'), name);
    }
    assert.deepEqual([...named.keys()].filter((name) => !files.includes(name)), []);
  });

  it('have the programs, no shell, nothing that gives rights', () => {
    assert.deepEqual(readdirSync(path.join(image, 'usr/bin')).sort(), PROGRAMS);
    assert.deepEqual(files.filter((name) => (lstatSync(image + name).mode & 0o6000) !== 0), []);
  });

  it('are small', (t) => {
    const bytes = files.reduce((sum, name) => sum + lstatSync(image + name).size, 0);
    t.diagnostic(`${files.length} files, ${bytes} bytes`);
    assert.ok(bytes < MAX_IMAGE_BYTES, `${bytes} bytes`);
  });
});
