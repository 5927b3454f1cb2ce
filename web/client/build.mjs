// Writes client.js (a classic script), client.mjs (an ES module) and client.integrity.json (their hashes for
// Subresource Integrity) from src/; with --check, only tells whether they are what it would write (exit code 1
// if not). The built files are committed, so that building the gateway, which embeds them, needs no Node.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { build } = createRequire(new URL('../../tests/node/package.json', import.meta.url))('esbuild');

const BANNER = '// Live Counter, Apache-2.0\n';
// Names that only src/ uses; shortened.
const OWN_NAMES = /^(isStream|onMessage|onOpen|say|shows)$/;

async function bundle(entry, format) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`src/${entry}`, import.meta.url))],
    bundle: true,
    format,
    target: 'es2022',
    minify: true,
    mangleProps: OWN_NAMES,
    legalComments: 'none',
    write: false,
  });
  return BANNER + outputFiles[0].text.replace('"use strict";', '');
}

function integrityOf(text) {
  return `sha384-${createHash('sha384').update(text).digest('base64')}`;
}

const outputs = {
  'client.js': await bundle('classic.ts', 'iife'),
  'client.mjs': await bundle('module.ts', 'esm'),
};
const hashes = Object.fromEntries(Object.entries(outputs).map(([name, text]) => [name, integrityOf(text)]));
outputs['client.integrity.json'] = `${JSON.stringify(hashes, null, 2)}\n`;

for (const [name, text] of Object.entries(outputs)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`web/client/${name} is out of date: run node web/client/build.mjs`);
    process.exitCode = 1;
  }
}
