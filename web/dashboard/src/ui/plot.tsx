// Plots over time, drawn by uPlot in the page's colours, light or dark, as wide as there is room.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatCompact, formatInteger } from '../state/numbers.ts';

export interface PlotSeries {
  label: string;
  colour: string; // a custom property of CSS, such as --here
  values: (number | null)[];
  isBars?: boolean;
}

interface PlotProps {
  times: number[]; // seconds
  series: PlotSeries[];
  label: string; // what is seen, for those who do not see it
  height?: number;
  isUtc?: boolean;
  titleOf?: ((millis: number) => string) | undefined; // of a time that is pointed at, where it stands for more than a moment
}

const colourOf = (property: string): string => getComputedStyle(document.documentElement).getPropertyValue(property).trim();
// Appended to a colour of the form #rrggbb.
const AREA_ALPHA = '24';
const LEGEND_HEIGHT = 28;
const RIGHT_PADDING = 8;
const LABEL_GAP = 6;
const HALF_A_TIME = 28; // of "10:30 PM", below the begin of the plot
const FONT = '12px Figtree, system-ui, sans-serif';

function axis(): uPlot.Axis {
  return {
    stroke: colourOf('--quiet'), font: FONT, grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false },
  };
}

const DAY_S = 86_400;
const MONTH_S = 28 * DAY_S; // the shortest

// Months as months, days as days, what is within one as times, all as the reader's language writes them.
function timeAxis(isUtc: boolean): uPlot.Axis {
  const zone = isUtc ? { timeZone: 'UTC' } : {};
  const month = new Intl.DateTimeFormat(undefined, { month: 'short', ...zone });
  const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', ...zone });
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short', ...zone });
  const isMidnight = (seconds: number): boolean => {
    const date = uPlot.tzDate(new Date(seconds * 1000), isUtc ? 'Etc/UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone);
    return date.getHours() === 0 && date.getMinutes() === 0;
  };
  return {
    ...axis(),
    size: 28,
    space: 70,
    values: (plot, ticks, __, ___, step) => ticks.map((tick) => {
      const label = (step >= MONTH_S ? month : step >= DAY_S || isMidnight(tick) ? day : time).format(tick * 1000);
      return hasRoom(plot, tick, label) ? label : '';
    }),
  };
}

const pen = document.createElement('canvas').getContext('2d');

function widthOf(label: string): number {
  if (!pen) return 0;
  pen.font = FONT;
  return pen.measureText(label).width;
}

// Whether the label below `tick` ends before the picture does.
const hasRoom = (plot: uPlot, tick: number, label: string): boolean =>
  plot.valToPos(plot.scales.x?.max ?? tick, 'x') - plot.valToPos(tick, 'x') + RIGHT_PADDING >= widthOf(label) / 2;

// As wide as its longest label, and as the first one below the plot needs it.
const numberAxis = (): uPlot.Axis => ({
  ...axis(),
  gap: LABEL_GAP,
  size: (_, labels) => Math.max(HALF_A_TIME, LABEL_GAP + Math.max(0, ...(labels ?? []).map(widthOf))),
  values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? formatCompact(tick) : '')),
});

const bars = uPlot.paths.bars?.({ size: [0.7, 32], radius: 0.15 });
const steps = uPlot.paths.stepped?.({ align: 1 });

// One value alone makes no line.
const isLonely = (values: (number | null)[]): boolean => values.filter((value) => value !== null).length < 3;

const toSeries = ({ label, colour, isBars, values }: PlotSeries): uPlot.Series => ({
  label,
  stroke: colourOf(colour),
  fill: colourOf(colour) + (isBars ? '' : AREA_ALPHA),
  width: isBars ? 0 : 1.75,
  points: { show: !isBars && isLonely(values), size: 6, fill: colourOf(colour) },
  spanGaps: false,
  value: (_, value) => (value === null ? '–' : formatInteger(value)),
  ...(isBars && bars ? { paths: bars } : steps ? { paths: steps } : {}),
});

// A bar stands around its time: the first and the last need half of one beside them.
function timeRange({ times, series }: PlotProps): uPlot.Range.MinMax {
  const [first = 0, second = first + DAY_S] = times;
  const room = series.some(({ isBars }) => isBars) ? (second - first) / 2 : 0;
  return [first - room, (times.at(-1) ?? first) + room];
}

function options(props: PlotProps, width: number): uPlot.Options {
  const { series, height = 240, isUtc = false, titleOf } = props;
  const title = (seconds: number): string => titleOf?.(seconds * 1000) ?? formatTime(seconds, isUtc);
  return {
    width,
    height,
    series: [{ value: (_, time) => (time === null ? '–' : title(time)) }, ...series.map(toSeries)],
    axes: [timeAxis(isUtc), numberAxis()],
    padding: [LEGEND_HEIGHT, RIGHT_PADDING, 0, 0],
    scales: { x: { range: () => timeRange(props) }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(4, high * 1.1)] } },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { live: true },
    hooks: {
      init: [({ root }) => root.classList.add('idle')],
      setCursor: [({ root, cursor }) => root.classList.toggle('idle', cursor.idx == null)],
    },
    ...(isUtc ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
  };
}

const formatTime = (seconds: number, isUtc: boolean): string =>
  new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short', ...(isUtc ? { timeZone: 'UTC' } : {}) });

export function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    let plot: uPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(options(props, element.clientWidth), [props.times, ...props.series.map(({ values }) => values)], element);
    };
    draw();
    const resized = new ResizeObserver(() => {
      if (plot && plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height: props.height ?? 240 });
    });
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      plot?.destroy();
    };
  }, [props.times, props.series]);
  return <div class="plot" ref={host} role="img" aria-label={props.label} />;
}
