// Draws a dashboard as SVG from the answers to its queries: every panel where the dashboard has it, in the manner of
// Grafana's dark theme, of which nothing is used.
import { clock, format, powers, ticks } from './units.mjs';

const COLUMN = 60;
const LINE = 34;
const GAP = 8;
const COLORS = {
  green: '#73bf69', yellow: '#f2cc0c', blue: '#5794f2', orange: '#ff9830', red: '#f2495c', purple: '#b877d9',
  'dark-red': '#c4162a', transparent: 'none',
};
const PALETTE = ['#73bf69', '#f2cc0c', '#5794f2', '#ff9830', '#f2495c', '#8f3bb8', '#8ab8ff', '#ca95e5', '#ffb357', '#37872d',
  '#fade2a', '#3274d9', '#fa6400', '#c4162a', '#a352cc'];
const INK = '#ccccdc';
const FAINT = '#8e8e9c';
const RULE = '#2c2f36';

const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const round = (number) => Number(number.toFixed(1));

function label(x, y, text, { size = 11, color = FAINT, anchor = 'start', weight = 400 } = {}) {
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${color}" text-anchor="${anchor}" font-weight="${weight}">${escape(text)}</text>`;
}

// Every `{{name}}` of a legend as the series has it.
const named = (legend, metric) => (legend ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_, name) => metric[name] ?? '');

// { name, points: [[seconds, number]…] } of each series, or of each column of rows.
function linesOf(panel, answer) {
  return panel.targets.flatMap((target) => {
    const found = answer(panel, target) ?? [];
    if (target.expr !== undefined) {
      return found.map(({ metric, values }) => ({
        name: named(target.legendFormat, metric), points: values.map(([at, value]) => [at, Number(value)]),
      }));
    }
    return target.columns.filter(({ type }) => type === 'number')
      .map(({ text }) => ({ name: text, points: found.map((row) => [row.time ?? 0, row[text]]) }));
  });
}

function colored(panel, lines) {
  const fixed = new Map((panel.fieldConfig.overrides ?? []).map(({ matcher, properties }) => [matcher.options, properties[0].value.fixedColor]));
  return lines.map((line, index) => ({ ...line, color: COLORS[fixed.get(line.name)] ?? PALETTE[index % PALETTE.length] }));
}

// Of many lines those that are more than nothing.
function worthDrawing(lines) {
  const some = lines.filter(({ points }) => points.some(([, value]) => value > 0));
  return lines.length > 4 && some.length > 0 ? some : lines;
}

// A point of a line for each three pixels is enough.
function thinned(points, width) {
  const every = Math.max(1, Math.ceil(points.length / (width / 3)));
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

// Paths of a line, broken where there is no number.
function path(points, x, y) {
  let text = '';
  let isDown = false;
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) {
      isDown = false;
      continue;
    }
    text += `${isDown ? 'L' : 'M'}${round(x(at))} ${round(y(value))}`;
    isDown = true;
  }
  return text;
}

function axes({ box, low, high, unit, from, to, y, x, isLog = false }) {
  let svg = '';
  for (const at of isLog ? powers(low, high) : ticks(low, high, 4, unit)) {
    if (at > high * 1.0001 && at !== low) continue;
    svg += `<line x1="${box.x}" x2="${box.x + box.w}" y1="${round(y(at))}" y2="${round(y(at))}" stroke="${RULE}"/>`;
    svg += label(box.x - 6, y(at) + 4, format(at, unit), { anchor: 'end', size: 10 });
  }
  const step = [10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600].find((seconds) => (to - from) / seconds <= box.w / 80) ?? 43_200;
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    if (x(at) > box.x + box.w - 20 || x(at) < box.x + 15) continue;
    svg += label(x(at), box.y + box.h + 14, clock(at), { anchor: 'middle', size: 10 });
  }
  return svg;
}

function legend({ lines, unit, x, y, width }) {
  let svg = '';
  let at = x;
  let shown = 0;
  for (const { name, color, points } of lines) {
    const last = points.findLast(([, value]) => Number.isFinite(value))?.[1] ?? NaN;
    const text = `${name} ${format(last, unit)}`;
    const needs = 26 + text.length * 6;
    if (at + needs > x + width && shown > 0) {
      svg += label(at, y + 4, `+${lines.length - shown}`, { size: 10 });
      break;
    }
    svg += `<rect x="${round(at)}" y="${y - 1}" width="12" height="3" rx="1.5" fill="${color}"/>`;
    svg += `<text x="${round(at + 17)}" y="${y + 4}" font-size="10.5" fill="${INK}">${escape(name)} <tspan fill="${FAINT}">${escape(format(last, unit))}</tspan></text>`;
    at += needs;
    shown += 1;
  }
  return svg;
}

function stacked(lines) {
  const below = new Map();
  return lines.map((line) => ({
    ...line,
    points: line.points.map(([at, value]) => {
      const base = below.get(at) ?? 0;
      const top = base + (Number.isFinite(value) ? value : 0);
      below.set(at, top);
      return [at, top, base];
    }),
    own: line.points,
  }));
}

function drawGraph(panel, frame, { from, to, starts, answer }) {
  const { unit, custom = {}, max, min = 0, thresholds } = panel.fieldConfig.defaults;
  const isStacked = custom.stacking?.mode === 'normal';
  const isLog = custom.scaleDistribution?.type === 'log';
  let lines = worthDrawing(colored(panel, linesOf(panel, answer)));
  if (isStacked) lines = stacked(lines);
  const box = { x: frame.x + 66, y: frame.y + 36, w: frame.w - 80, h: frame.h - 82 };
  const isApi = panel.targets.some(({ expr }) => expr === undefined);
  const times = lines.flatMap(({ points }) => points.map(([at]) => at));
  const [begin, end] = isApi ? [Math.min(...times) - 30, Math.max(...times) + 30] : [from, to];
  const numbers = lines.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
  const top = max ?? (Math.max(...numbers, 0) * 1.08 || 1);
  const bottom = isLog ? Math.min(...numbers.filter((value) => value > 0), top / 10) : Math.min(min, ...numbers);
  const x = (at) => box.x + (at - begin) / (end - begin) * box.w;
  const share = (value) => (isLog ? Math.log(Math.max(value, bottom) / bottom) / Math.log(top / bottom) : (value - bottom) / (top - bottom));
  const y = (value) => box.y + box.h - Math.min(1, Math.max(0, share(value))) * box.h;
  let svg = axes({ box, low: bottom, high: top, unit, from: begin, to: end, y, x, isLog });
  if (!isApi) {
    for (const at of starts) {
      svg += `<line x1="${round(x(at))}" x2="${round(x(at))}" y1="${box.y}" y2="${box.y + box.h}" stroke="#5794f2" stroke-dasharray="3 3" opacity="0.7"/>`;
    }
  }
  if (custom.thresholdsStyle) {
    for (const { value, color } of thresholds.steps) {
      if (value === null || value > top) continue;
      svg += `<line x1="${box.x}" x2="${box.x + box.w}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="${COLORS[color]}" stroke-dasharray="6 4" opacity="0.8"/>`;
    }
  }
  for (const { points, color } of lines.toReversed()) {
    if (custom.drawStyle === 'bars') {
      const width = Math.min(48, box.w / (points.length + 1) * 0.8);
      for (const [at, value] of points) {
        svg += `<rect x="${round(x(at) - width / 2)}" y="${round(y(value))}" width="${round(width)}" height="${round(box.y + box.h - y(value))}" fill="${color}" opacity="0.8"/>`;
      }
      continue;
    }
    const few = thinned(points, box.w);
    const over = path(few, x, y);
    const floor = few.toReversed().map(([at, , base]) => [at, base ?? bottom]);
    if (few.every(([, value]) => Number.isFinite(value)) && few.length > 1) {
      svg += `<path d="${over}${path(floor, x, y).replaceAll('M', 'L')}Z" fill="${color}" opacity="${(custom.fillOpacity ?? 10) / 100}"/>`;
    }
    svg += `<path d="${over}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round"/>`;
  }
  const shown = lines.map((line) => ({ ...line, points: line.own ?? line.points }));
  return svg + legend({ lines: shown, unit, x: frame.x + 14, y: frame.y + frame.h - 15, width: frame.w - 28 });
}

function colorOf(value, { steps }) {
  const step = steps.findLast(({ value: least }) => least === null || value >= least);
  return COLORS[step.color] ?? INK;
}

function drawFigure(panel, frame, { from, to, answer }) {
  const { unit, decimals, thresholds, mappings } = panel.fieldConfig.defaults;
  const [{ points } = { points: [] }] = linesOf(panel, answer);
  const value = points.findLast(([, number]) => Number.isFinite(number))?.[1] ?? NaN;
  const word = mappings?.[0]?.options[value];
  const color = word ? COLORS[word.color] : colorOf(value, thresholds);
  let svg = '';
  const numbers = points.map(([, number]) => number).filter(Number.isFinite);
  if (panel.options.graphMode === 'area' && numbers.length > 1) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const base = frame.y + frame.h - 2;
    const x = (at) => frame.x + 1 + (at - from) / (to - from) * (frame.w - 2);
    const y = (number) => base - 4 - (number - low) / (high - low || 1) * frame.h * 0.32;
    const over = path(thinned(points, frame.w), x, y);
    svg += `<path d="${over}L${round(x(to))} ${base}L${round(x(points[0][0]))} ${base}Z" fill="${color}" opacity="0.18"/>`;
    svg += `<path d="${over}" fill="none" stroke="${color}" stroke-width="1.4"/>`;
  }
  const text = word?.text ?? format(value, unit, decimals);
  const size = Math.min(32, (frame.w - 20) / text.length * 1.75);
  return svg + label(frame.x + frame.w / 2, frame.y + frame.h / 2 + 14, text, { size: round(size), color, anchor: 'middle', weight: 600 });
}

// Buckets of a histogram as rows, seconds as columns; the fuller, the brighter.
function drawHeat(panel, frame, { from, to, answer }) {
  const buckets = (answer(panel, panel.targets[0]) ?? []).map(({ metric, values }) => ({ le: Number(metric.le.replace('+Inf', 'Infinity')), values: new Map(values) }))
    .sort((a, b) => a.le - b.le);
  const box = { x: frame.x + 66, y: frame.y + 36, w: frame.w - 80, h: frame.h - 66 };
  const columns = Math.floor(box.w / 8);
  const seconds = Math.max(1, (to - from) / columns);
  const cells = buckets.map(({ le, values }, row) => {
    const sums = new Array(columns).fill(0);
    for (const [at, value] of values) {
      const own = Number(value) - Number(buckets[row - 1]?.values.get(at) ?? 0);
      const column = Math.min(columns - 1, Math.floor((at - from) / seconds));
      if (Number.isFinite(own)) sums[column] += Math.max(0, own);
    }
    return { le, sums };
  });
  const most = Math.max(...cells.flatMap(({ sums }) => sums), 1e-9);
  const height = box.h / cells.length;
  let svg = '';
  cells.forEach(({ le, sums }, row) => {
    const y = box.y + box.h - (row + 1) * height;
    if (row % 2 === 0 || cells.length < 9) svg += label(box.x - 6, y + 4, Number.isFinite(le) ? format(le, 's') : '∞', { anchor: 'end', size: 10 });
    sums.forEach((sum, column) => {
      if (sum <= 0) return;
      const strength = (sum / most) ** 0.5;
      const light = Math.round(22 + 50 * strength);
      svg += `<rect x="${round(box.x + column * box.w / columns)}" y="${round(y)}" width="${round(box.w / columns - 0.5)}" height="${round(height - 0.5)}" fill="hsl(${Math.round(16 + 22 * strength)},90%,${light}%)" opacity="${round(0.35 + 0.65 * strength)}"/>`;
    });
  });
  const x = (at) => box.x + (at - from) / (to - from) * box.w;
  return svg + axes({ box, low: 0, high: -1, unit: 's', from, to, x, y: () => box.y + box.h });
}

function cell(value, type) {
  if (value === null) return '–';
  return type === 'number' ? value.toLocaleString('en') : decodeURIComponent(value.split('/counters/').at(-1));
}

function drawTable(panel, frame, { answer }) {
  const [target] = panel.targets;
  const rows = (answer(panel, target) ?? []).slice(0, Math.floor((frame.h - 60) / 20));
  const places = [frame.x + 14, frame.x + frame.w * 0.72, frame.x + frame.w - 16];
  let svg = target.columns.map(({ text }, i) => label(places[i], frame.y + 46, text, { color: '#6e9fff', anchor: i ? 'end' : 'start', weight: 600 })).join('');
  rows.forEach((row, index) => {
    const y = frame.y + 66 + index * 20;
    svg += `<line x1="${frame.x + 10}" x2="${frame.x + frame.w - 10}" y1="${y - 14}" y2="${y - 14}" stroke="${RULE}"/>`;
    svg += target.columns.map(({ text, type }, i) => label(places[i], y, cell(row[text], type), { color: INK, anchor: i ? 'end' : 'start' })).join('');
  });
  return svg;
}

const KINDS = { timeseries: drawGraph, stat: drawFigure, heatmap: drawHeat, table: drawTable };

// `answer(panel, target)` are the series or rows of a query; `starts` the times at which programs were started.
export function drawDashboard(dashboard, { variables = (text) => text, ...facts }) {
  const lowest = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
  const [width, height] = [24 * COLUMN + GAP, lowest * LINE + 52];
  let svg = label(GAP + 4, 30, dashboard.title.replace(' / ', '  ›  '), { size: 18, color: INK, weight: 600 });
  svg += label(width - GAP - 4, 30, `${clock(facts.from)} – ${clock(facts.to)} UTC`, { size: 12, anchor: 'end' });
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const frame = { x: GAP + x * COLUMN, y: 46 + y * LINE, w: w * COLUMN - GAP, h: h * LINE - GAP };
    const title = variables(panel.title);
    if (panel.type === 'row') {
      svg += label(frame.x + 4, frame.y + 19, `⌄  ${title}`, { size: 14, color: INK, weight: 600 });
      continue;
    }
    svg += `<g><rect x="${frame.x}" y="${frame.y}" width="${frame.w}" height="${frame.h}" rx="3" fill="#181b1f" stroke="#23262b"/>`;
    svg += label(frame.x + 12, frame.y + 21, title, { size: 13, color: INK, weight: 500 });
    svg += `<title>${escape(panel.description)}</title>${KINDS[panel.type](panel, frame, facts)}</g>`;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" `
    + `font-family="Inter, Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#111217"/>${svg}</svg>\n`;
}
