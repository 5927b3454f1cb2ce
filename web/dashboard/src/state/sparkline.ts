// The line of a sparkline: as SVG's path, in a box of the given size. Pure.

export interface Box {
  width: number;
  height: number;
}

const PADDING = 2;

function yOf(value: number, values: (number | null)[], { height }: Box): string {
  const top = Math.max(1, ...values.map((each) => each ?? 0));
  return round(height - PADDING - (value / top) * (height - 2 * PADDING));
}

// Steps, not slopes: a number stays until it changes. Values of null are not known and leave a gap.
export function sparklinePath(values: (number | null)[], { width, height }: Box): string {
  const step = width / Math.max(1, values.length - 1);
  const y = (value: number): string => yOf(value, values, { width, height });
  let path = '';
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDown = false;
    } else {
      path += isDown ? `H${round(index * step)}V${y(value)}` : `M${round(index * step)},${y(value)}`;
      isDown = true;
    }
  });
  return path;
}

// The same, closed along the bottom: for the area below the line. Nothing where there are gaps in it.
export function sparklineArea(values: (number | null)[], box: Box): string {
  const first = values.findIndex((value) => value !== null);
  if (first < 0 || values.includes(null, first)) return '';
  const begin = round((first * box.width) / Math.max(1, values.length - 1));
  return `${sparklinePath(values, box)}V${box.height}H${begin}Z`;
}

// A point where the line ends: what is so now.
export function sparklineEnd(values: (number | null)[], box: Box): string {
  const last = values.at(-1) ?? null;
  return last === null ? '' : `M${box.width},${yOf(last, values, box)}h0`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);
