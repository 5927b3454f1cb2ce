// Writes client.mjs and client.js from src/client.mjs; with --check, only tells whether they are what
// it would write (exit code 1 if not). The built files are committed, so that building the gateway,
// which embeds them, needs no Node.
import { readFileSync, writeFileSync } from 'node:fs';

const BANNER = '// Live Counter browser client. Apache-2.0. Built from web/client/src/client.mjs.\n';
const SCRIPT_URL = "const scriptUrl = import.meta.url;\n";
const CLASSIC_SCRIPT_URL = "const scriptUrl = document.currentScript?.src || location.href;\n";

const source = readFileSync(new URL('src/client.mjs', import.meta.url), 'utf8');

function withoutComments(text) {
  return text.replace(/^ *\/\/.*\n/gm, '').replace(/^\n+/gm, '');
}

function classicScript(module) {
  if (!module.includes(SCRIPT_URL)) throw new Error(`src/client.mjs has no line ${SCRIPT_URL}`);
  const names = [...module.matchAll(/^export function (\w+)/gm)].map((match) => match[1]);
  const body = module.replace(SCRIPT_URL, CLASSIC_SCRIPT_URL).replace(/^export /gm, '');
  return `(() => {\n${body}window.watchly = window.livecounter = { ${names.join(', ')} };\n})();\n`;
}

const code = withoutComments(source);
const outputs = { 'client.mjs': BANNER + code, 'client.js': BANNER + classicScript(code) };

for (const [name, text] of Object.entries(outputs)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`web/client/${name} is out of date: run node web/client/build.mjs`);
    process.exitCode = 1;
  }
}
