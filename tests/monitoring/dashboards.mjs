// The dashboards that are committed, and what they ask.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// A path of this repository.
export const repository = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)).replace(/\/$/, '');

const FOLDER = repository('observability/grafana/dashboards');

export function dashboards() {
  return readdirSync(FOLDER).sort().map((file) => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')));
}

export const panelsOf = (dashboard) => dashboard.panels.filter(({ type }) => type !== 'row');

// A query of Prometheus as Grafana sends it, with these jobs and instances chosen, and a rate over `rate`.
export function asked(expr, { job, instance }, rate = '10s') {
  const any = (values) => `"(${values.join('|')})"`;
  return expr.replaceAll('$__rate_interval', rate).replaceAll('"$job"', any(job)).replaceAll('"$instance"', any(instance));
}
