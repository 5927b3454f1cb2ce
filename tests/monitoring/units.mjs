// Numbers as Grafana writes them, and where the lines of an axis are.

const STEPS = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']];
const BYTES = [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']];
const RATES = { cps: 'c/s', ops: 'ops/s', reqps: 'req/s', mps: 'msg/s' };

// With three digits, and no zeros at the end.
function short(value) {
  if (value === 0) return '0';
  return String(Number(value.toPrecision(3)));
}

function withStep(value, steps, space) {
  const step = steps.find(([size]) => Math.abs(value) >= size);
  return step ? `${short(value / step[0])}${space}${step[1]}` : undefined;
}

function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${short(value * 1e6)} µs`;
  if (size < 1) return `${short(value * 1e3)} ms`;
  if (size < 120) return `${short(value)} s`;
  return size < 7200 ? `${short(value / 60)} min` : `${short(value / 3600)} h`;
}

export function format(value, unit, decimals) {
  if (!Number.isFinite(value)) return '–';
  if (unit === 's' || unit === 'dtdurations') return seconds(value);
  if (unit === 'bytes') return withStep(value, BYTES, ' ') ?? `${short(value)} B`;
  if (unit === 'percentunit') return `${decimals === undefined ? short(100 * value) : (100 * value).toFixed(decimals)}%`;
  if (unit === 'locale') return value.toLocaleString('en');
  return (withStep(value, STEPS, ' ') ?? short(value)) + (RATES[unit] ? ` ${RATES[unit]}` : '');
}

// Round numbers from 0 or below `low` to above `high`, about `count` of them.
export function ticks(low, high, count, unit) {
  const base = unit === 'bytes' ? 2 : 10;
  const rough = (high - low || 1) / count;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const step = (unit === 'bytes' ? [1, 2] : [1, 2, 2.5, 5, 10]).map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const first = Math.floor(low / step + 1e-9) * step;
  const found = [];
  for (let at = first; at < high + step * 0.999; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

// Powers of ten from `low` to `high`.
export function powers(low, high) {
  const found = [];
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power++) found.push(Number(`1e${power}`));
  return found;
}

export const clock = (at) => new Date(at * 1000).toISOString().slice(11, 19);
