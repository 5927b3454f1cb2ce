// One page of the documentation: Markdown to HTML that needs nothing inline, so that the console's
// Content-Security-Policy holds for it.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tests/node/package.json', import.meta.url));
const MarkdownIt = require('markdown-it');
const highlighter = require('highlight.js/lib/core');
for (const name of ['bash', 'http', 'javascript', 'json', 'python', 'shell', 'xml']) {
  highlighter.registerLanguage(name, require(`highlight.js/lib/languages/${name}`));
}

// What code blocks are called in Markdown, and what the highlighter calls them.
const LANGUAGES = {
  bash: 'bash', console: 'shell', html: 'xml', http: 'http', js: 'javascript', json: 'json', jsx: 'javascript', mjs: 'javascript',
  py: 'python', sh: 'bash',
};

const SENTENCE = 30; // characters, and more
const SHORT_CODE = 24; // characters; as many stay on one line

// The dashboard's, from web/dashboard.
const MARK = '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="13"/><circle class="core" cx="16" cy="16" r="5"/></svg>';

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

// The anchors that GitHub gives to headings, so that the same links work there.
export function slugger() {
  const used = new Map();
  return (heading) => {
    const slug = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');
    const times = used.get(slug) ?? 0;
    used.set(slug, times + 1);
    return times ? `${slug}-${times}` : slug;
  };
}

function highlight(code, language) {
  const name = LANGUAGES[language];
  return name ? highlighter.highlight(code, { language: name }).value : escape(code);
}

const textOf = (inline) => inline.children.map(({ content }) => content).join('');

// Gives headings their anchors, and returns those of the second level: { id, text }.
function anchorHeadings(tokens) {
  const slug = slugger();
  const sections = [];
  tokens.forEach((token, i) => {
    if (token.type !== 'heading_open') return;
    const text = textOf(tokens[i + 1]);
    token.attrSet('id', slug(text));
    if (token.tag === 'h2') sections.push({ id: token.attrGet('id'), text });
  });
  return sections;
}

// Links lead where they do in the console; what is not there is no link.
function resolveLinks(tokens, resolveLink) {
  const open = [];
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    if (token.type === 'link_open') {
      const target = resolveLink(token.attrGet('href'));
      open.push(target !== undefined);
      if (target === undefined) token.tag = 'span';
      token.attrs = target === undefined ? null : [['href', target]];
    } else if (token.type === 'link_close' && !open.pop()) {
      token.tag = 'span';
    }
  }
}

// The corner above the names of rows is a cell like others, not a heading that says nothing.
function unheadCorners(tokens) {
  tokens.forEach((token, i) => {
    if (token.type === 'th_open' && !tokens[i + 1].content) token.tag = tokens[i + 2].tag = 'td';
  });
}

// Whether the table that opens at tokens[i] has two columns, with sentences in the second: on a phone a cell of the
// first stands above its sentence.
function isOfPairs(tokens, i) {
  const table = tokens.slice(i, tokens.findIndex(({ type }, at) => at > i && type === 'table_close'));
  const cells = table.filter(({ type }) => type === 'inline');
  const rows = table.filter(({ type }) => type === 'tr_open');
  return cells.length === 2 * rows.length && cells.some(({ content }, at) => at % 2 === 1 && content.length > SENTENCE);
}

function renderer() {
  const md = new MarkdownIt({ html: true });
  const { rules } = md.renderer;
  rules.fence = (tokens, i) => {
    const { content, info } = tokens[i];
    const kind = info.trim() === 'text' ? 'code printed' : 'code';
    return `<div class="${kind}"><pre tabindex="0"><code>${highlight(content, info.trim())}</code></pre></div>\n`;
  };
  rules.code_inline = (tokens, i) => {
    const { content } = tokens[i];
    return `<code${content.length > SHORT_CODE ? '' : ' class="short"'}>${escape(content)}</code>`;
  };
  // Wide tables scroll by themselves, and the page does not.
  rules.table_open = (tokens, i) => `<div class="${isOfPairs(tokens, i) ? 'table pairs' : 'table'}" tabindex="0"><table>\n`;
  rules.table_close = () => '</table></div>\n';
  rules.html_block = (tokens, i) => tokens[i].content.replace(/<!--[^]*?-->\n?/g, '');
  return md;
}

const md = renderer();

function navigation(pages, current) {
  const items = pages.map(({ name, title }) => {
    const here = name === current.name ? ' aria-current="page"' : '';
    return `<li><a href="/docs/${name}"${here}>${escape(title)}</a></li>`;
  });
  return `<ul>\n${items.join('\n')}\n</ul>`;
}

function neighbour(page, label, rel) {
  if (!page) return '<span></span>';
  return `<a href="/docs/${page.name}" rel="${rel}"><small>${label}</small>${escape(page.title)}</a>`;
}

function contents(sections) {
  if (sections.length < 2) return '';
  const items = sections.map(({ id, text }) => `<li><a href="#${id}">${escape(text)}</a></li>`);
  return `<nav class="contents" aria-labelledby="contents"><h2 id="contents">On this page</h2>\n<ul>\n${items.join('\n')}\n</ul></nav>`;
}

// The whole document. `pages` are all of them: { name, title }, in the order of the navigation.
// `resolveLink(link)` is where a link leads in the console, or undefined.
export function renderPage({ page, pages, markdown, resolveLink }) {
  const tokens = md.parse(markdown, {});
  const sections = anchorHeadings(tokens);
  resolveLinks(tokens, resolveLink);
  unheadCorners(tokens);
  const at = pages.indexOf(page);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)} · Live Counter</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="preload" href="/figtree-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" type="module"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><a class="brand" href="/docs/">${MARK}Live Counter <span>Docs</span></a><a class="home" href="/">Dashboard</a></header>
<div class="frame">
<nav class="pages" aria-label="Pages">
${navigation(pages, page)}
</nav>
<main id="content" tabindex="-1">
${md.renderer.render(tokens, md.options, {})}<nav class="neighbours" aria-label="Next and previous page">${neighbour(pages[at - 1], 'Previous', 'prev')}${neighbour(pages[at + 1], 'Next', 'next')}</nav>
</main>
${contents(sections)}
</div>
</body>
</html>
`;
}
