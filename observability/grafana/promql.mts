// PromQL of the dashboards: every selector keeps to the chosen jobs and instances.

const CHOSEN = 'job=~"$job",instance=~"$instance"';

// The series of `metric`; `labels` as they stand in a selector.
export function series(metric: string, labels = ''): string {
  return `${metric}{${labels ? `${labels},` : ''}${CHOSEN}}`;
}

export function rate(metric: string, labels = ''): string {
  return `rate(${series(metric, labels)}[$__rate_interval])`;
}

export function sum(expression: string, by: string[] = []): string {
  return `sum${by.length ? ` by (${by.join(', ')}) ` : ''}(${expression})`;
}

// Of histogram `metric`, over all instances; `by` keeps labels apart.
export function quantile(q: number, metric: string, labels = '', by: string[] = []): string {
  return `histogram_quantile(${q}, ${sum(rate(`${metric}_bucket`, labels), ['le', ...by])})`;
}

// How fast each bucket of a histogram fills: a heat map.
export function buckets(metric: string, labels = ''): string {
  return sum(rate(`${metric}_bucket`, labels), ['le']);
}

export const quantiles = (metric: string, labels = '') => [
  { expr: quantile(0.5, metric, labels), legend: 'half within' },
  { expr: quantile(0.95, metric, labels), legend: '95 % within' },
  { expr: quantile(0.99, metric, labels), legend: '99 % within' },
];
