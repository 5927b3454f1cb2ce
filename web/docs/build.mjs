// Writes built/ and assets.txt, which the console embeds, from docs/customers and the pages beside it; and copies
// into the Markdown the files that it shows. With --check, only tells whether all that is as it would be (exit
// code 1 if not). The built files are committed, so that building the programs needs no Node.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPage } from './page.mjs';
import { showFiles } from './shown_files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CUSTOMERS = 'docs/customers';

// In the order of the navigation. `name` is the page's address below /docs/.
const PAGES = [
  { name: '', file: `${CUSTOMERS}/README.md`, title: 'Overview' },
  { name: 'quickstart', file: `${CUSTOMERS}/quickstart.md`, title: 'Quickstart' },
  { name: 'embed', file: `${CUSTOMERS}/embed.md`, title: 'Embed' },
  { name: 'lists', file: `${CUSTOMERS}/lists.md`, title: 'List pages' },
  { name: 'hits', file: `${CUSTOMERS}/hits.md`, title: 'Count hits' },
  { name: 'verification', file: `${CUSTOMERS}/verification.md`, title: 'Verify users' },
  { name: 'protocol', file: `${CUSTOMERS}/protocol.md`, title: 'Your own client' },
  { name: 'limits', file: `${CUSTOMERS}/limits.md`, title: 'Limits' },
  { name: 'faq', file: `${CUSTOMERS}/faq.md`, title: 'Questions' },
  { name: 'console-api', file: 'docs/console-api.md', title: 'Console API' },
  { name: 'cli', file: 'docs/cli.md', title: 'livecounterctl' },
];

const TYPES = {
  '.css': 'text/css;charset=utf-8',
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.mjs': 'text/plain;charset=utf-8', // examples are for reading
  '.proto': 'text/plain;charset=utf-8',
  '.py': 'text/plain;charset=utf-8',
  '.sh': 'text/plain;charset=utf-8',
};

// Paths below the root of what pages link to and show: examples, with their tests, and the services' contracts.
const SERVICES = ['proto/livecounter/v1/admin_service.proto', 'proto/livecounter/v1/counter_service.proto'];
const EXAMPLES = readdirSync(path.join(root, 'examples'), { recursive: true })
  .filter((file) => /^[^/]+\/[^/]+\.(mjs|py|sh)$/.test(file))
  .map((file) => `examples/${file}`)
  .sort();
const FILES = [...EXAMPLES, ...SERVICES];

const read = (file) => readFileSync(path.join(root, file), 'utf8');

// Where a page's link leads in the console; undefined for files that are not served there.
function resolveLink(from, link) {
  const [target, fragment = ''] = link.split(/(?=#)/);
  if (/^[a-z]+:/.test(link) || target === '') return link;
  const file = path.join(path.dirname(from), target);
  const page = PAGES.find((each) => each.file === file);
  if (page) return `/docs/${page.name}${fragment}`;
  return FILES.includes(file) ? `/docs/${file}` : undefined;
}

const outputs = new Map(); // path below the root → content

for (const { file } of PAGES) {
  const shown = showFiles(read(file), read);
  if (shown !== read(file)) outputs.set(file, shown);
}

for (const page of PAGES) {
  const markdown = outputs.get(page.file) ?? read(page.file);
  const html = renderPage({ page, pages: PAGES, markdown, resolveLink: (link) => resolveLink(page.file, link) });
  outputs.set(`web/docs/built/${page.name || 'index'}.html`, html);
}

function assetLines() {
  const pages = PAGES.map(({ name }) => [`/docs/${name}`, `docs/built/${name || 'index'}.html`]);
  const rest = ['docs.css', 'docs.js'].map((file) => [`/docs/${file}`, `docs/${file}`]);
  const files = FILES.map((file) => [`/docs/${file}`, `../${file}`]);
  return [['/docs', 'docs/built/index.html'], ...pages, ...rest, ...files].map(([address, file]) =>
    `${address}  ${file}  ${TYPES[path.extname(file)]}\n`).join('');
}
outputs.set('web/docs/assets.txt', `# Written by build.mjs: what the console serves below /docs. URL path, file below web/, content type.\n${assetLines()}`);

function obsoleteFiles() {
  return readdirSync(path.join(root, 'web/docs/built')).map((file) => `web/docs/built/${file}`).filter((file) => !outputs.has(file));
}

function isCurrent(file, content) {
  try {
    return read(file) === content;
  } catch {
    return false;
  }
}

mkdirSync(path.join(root, 'web/docs/built'), { recursive: true });
if (process.argv.includes('--check')) {
  const stale = [...outputs].filter(([file, content]) => !isCurrent(file, content)).map(([file]) => file);
  for (const file of [...stale, ...obsoleteFiles()]) {
    console.error(`${file} is out of date: run node web/docs/build.mjs`);
    process.exitCode = 1;
  }
} else {
  for (const [file, content] of outputs) writeFileSync(path.join(root, file), content);
  for (const file of obsoleteFiles()) rmSync(path.join(root, file));
}
