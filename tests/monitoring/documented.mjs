// The metrics of docs/metrics.md, which are those of the programs (tests/observability/metrics_test.mjs), and what
// expressions of PromQL ask for.
import { readFileSync } from 'node:fs';
import { repository } from './dashboards.mjs';

// Of every target, whatever it shows.
const TARGET_LABELS = ['job', 'instance', 'namespace'];
const PARTS = { histogram: { _bucket: ['le'], _count: [], _sum: [] } };
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

function labelsOf(cell) {
  if (cell === '') return [];
  return cell.split(/; (?=`)/).map((text) => {
    const [, label, rest] = /^`(\w+)`: (.*)$/.exec(text);
    return [label, [...rest.matchAll(/`([^`]+)`/g)].map(([, value]) => value)];
  });
}

// Of each series' name its labels, with their values where those are listed, else an empty list.
export function documentedSeries() {
  const series = new Map();
  const rows = readFileSync(repository('docs/metrics.md'), 'utf8').matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \| /gm);
  for (const [, name, type, labels] of rows) {
    for (const [part, more] of Object.entries(PARTS[type] ?? { '': [] })) {
      series.set(name + part, new Map([...labelsOf(labels.trim()), ...[...more, ...TARGET_LABELS].map((label) => [label, []])]));
    }
  }
  return series;
}

// [{ name, matchers: [{ label, operator, value }] }] of an expression.
export function selectorsOf(expr) {
  const strings = [];
  const bare = expr
    .replace(/"((?:[^"\\]|\\.)*)"/g, (_, text) => `"${strings.push(text) - 1}"`)
    .replace(/#.*/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replace(/\bgroup_(left|right)\b/g, '');
  const names = bare.matchAll(/(?<![\w:$.])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])\s*(?:\{([^}]*)\})?/g);
  return [...names].filter(([, name]) => !WORDS.has(name.toLowerCase())).map(([, name, inside = '']) => ({
    name,
    matchers: [...inside.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"(\d+)"/g)]
      .map(([, label, operator, index]) => ({ label, operator, value: strings[index] })),
  }));
}

// What a selector asks for in vain, as text; nothing where all is there.
export function missingOf({ name, matchers }, series) {
  const labels = series.get(name);
  if (labels === undefined) return [name];
  return matchers.flatMap(({ label, operator, value }) => {
    if (!labels.has(label)) return [`${name}{${label}}`];
    const listed = labels.get(label);
    if (listed.length === 0 || value.startsWith('$')) return [];
    const choices = operator.endsWith('~') && !value.includes('(') ? value.split('|') : [value];
    return choices.filter((choice) => !listed.some((one) => new RegExp(`^(?:${choice})$`).test(one)))
      .map((choice) => `${name}{${label}${operator}"${choice}"}`);
  });
}
