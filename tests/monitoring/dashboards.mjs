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

// A query of Prometheus as Grafana sends it, with all jobs and instances chosen, samples every second and a
// rate over `rate`.
export function asked(expr, rate = '10s') {
  return expr.replaceAll('$__rate_interval', rate).replaceAll('"$job"', '".+"').replaceAll('"$instance"', '".+"');
}
