// The line of a sparkline: as SVG's path, in a box of the given size. Pure.

export interface Box {
  width: number;
  height: number;
}

const PADDING = 2;

// The height of nobody.
export const baseLine = ({ height }: Box): number => height - PADDING;

const xOf = (index: number, values: (number | null)[], { width }: Box): string =>
  round((Math.max(0, index) * width) / Math.max(1, values.length - 1));

function yOf(value: number, values: (number | null)[], box: Box): string {
  const top = Math.max(1, ...values.map((each) => each ?? 0));
  return round(baseLine(box) - (value / top) * (baseLine(box) - PADDING));
}

// Where the line to the value at `index`, which has none known before it, begins: a step earlier if none comes after.
const beginOf = (index: number, values: (number | null)[]): number => ((values[index + 1] ?? null) === null ? index - 1 : index);

// Steps, not slopes: a number stays until it changes. Values of null are not known and leave a gap, after which the
// line rises from the base line.
export function sparklinePath(values: (number | null)[], box: Box): string {
  const x = (index: number): string => xOf(index, values, box);
  return values.map((value, index) => {
    if (value === null) return '';
    const y = yOf(value, values, box);
    if (index === 0) return `M0,${y}`;
    if (values[index - 1] !== null) return `H${x(index)}V${y}`;
    return `M${x(beginOf(index, values))},${baseLine(box)}V${y}H${x(index)}`;
  }).join('');
}

// The same, closed along the base line: for the area below the line. Nothing where there are gaps in it.
export function sparklineArea(values: (number | null)[], box: Box): string {
  const first = values.findIndex((value) => value !== null);
  if (first < 0 || values.includes(null, first)) return '';
  return `${sparklinePath(values, box)}V${baseLine(box)}H${xOf(beginOf(first, values), values, box)}Z`;
}

// A point where the line ends: what is so now.
export function sparklineEnd(values: (number | null)[], box: Box): string {
  const last = values.at(-1) ?? null;
  return last === null ? '' : `M${box.width},${yOf(last, values, box)}h0`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);
