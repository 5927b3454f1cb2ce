// The files that gateways serve.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { loadPage } from './testing/fake_browser.mjs';

const MOST_BYTES_GZIPPED = 3 * 1024;
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

describe('the built files', () => {
  it('are what build.mjs writes', () => {
    execFileSync(process.execPath, [pathOf('build.mjs'), '--check']);
  });

  for (const name of ['client.js', 'client.mjs']) {
    it(`${name} is at most 3 KiB gzipped`, () => {
      const { length } = gzipSync(read(name), { level: 9 });
      assert.ok(length <= MOST_BYTES_GZIPPED, `${length} bytes`);
    });

    it(`${name} has the hash that client.integrity.json says`, () => {
      const hash = createHash('sha384').update(read(name)).digest('base64');
      assert.equal(JSON.parse(read('client.integrity.json'))[name], `sha384-${hash}`);
    });

    it(`${name} does nothing that a strict Content-Security-Policy forbids`, () => {
      assert.doesNotMatch(read(name), /\beval\b|new Function|innerHTML|insertAdjacentHTML|setAttribute\("style/);
    });
  }

  it('the module exports what the script sets', async () => {
    const module = await import('./client.mjs');
    assert.deepEqual(Object.keys(module).sort(), Object.keys(loadPage().window.livecounter).sort());
    assert.equal(module.formatNumber(10200, 'en'), '10.2k');
  });

  it('are typed as client.d.mts says, and used so by the demo page', () => {
    const compiler = pathOf('../../tests/node/node_modules/.bin/tsc');
    for (const project of ['tsconfig.json', '../demo/tsconfig.json']) {
      execFileSync(compiler, ['--project', pathOf(project)], { stdio: 'inherit' });
    }
  });
});
