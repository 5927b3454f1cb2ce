// Writes dashboards/*.json; with --check only compares, and fails when one is out of date.
// tools/generate-dashboards runs it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { counterd } from './counterd.mts';
import { gateway } from './gateway.mts';
import { overview } from './overview.mts';
import { productOwner } from './product.mts';
import { verifier } from './verifier.mts';

const FOLDER = new URL('dashboards/', import.meta.url);
const isCheck = process.argv.includes('--check');

const files = new Map([overview, gateway, counterd, verifier, productOwner]
  .map((page) => [`${page.uid}.json`, `${JSON.stringify(page, null, 2)}\n`]));

mkdirSync(FOLDER, { recursive: true });
const wrong: string[] = [];
for (const [name, text] of files) {
  const file = new URL(name, FOLDER);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (isCheck) wrong.push(name);
  else writeFileSync(file, text);
}
for (const name of readdirSync(FOLDER)) {
  if (files.has(name)) continue;
  if (isCheck) wrong.push(name);
  else rmSync(new URL(name, FOLDER));
}
if (wrong.length) {
  console.error(`observability/grafana/dashboards: ${wrong.join(', ')} out of date: run tools/generate-dashboards`);
  process.exitCode = 1;
}
