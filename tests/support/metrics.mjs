// What a program shows at /metrics, and the tool that judges it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { get } from './http.mjs';

// tools/install-prometheus leaves it there where it is no command of the system.
const UNPACKED = fileURLToPath(new URL('../../build/prometheus/usr/bin/promtool', import.meta.url));

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

// A scrape: its text, and its series as { name, labels, value }.
export class Scrape {
  constructor(text) {
    this.text = text;
    this.types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    this.series = text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
      const [, name, labels = '', value] = SERIES.exec(line) ?? [];
      if (!name) throw new Error(`no series: ${line}`);
      return { name, labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, text]) => [key, text])), value: Number(value) };
    });
  }

  // From the metrics port `base`.
  static async of(base) {
    const { status, text } = await get(base, '/metrics');
    if (status !== 200) throw new Error(`/metrics: ${status} ${text}`);
    return new Scrape(text);
  }

  // The one series with this name and, among others, these labels.
  value(name, labels = {}) {
    const found = this.series.filter((one) => one.name === name
      && Object.entries(labels).every(([key, value]) => one.labels[key] === value));
    if (found.length !== 1) throw new Error(`${found.length} series of ${name} ${JSON.stringify(labels)}`);
    return found[0].value;
  }
}

// What `promtool check metrics` has against a scrape; '' for nothing.
export function promtoolComplaints(text) {
  const { status, stdout, stderr, error } = spawnSync(existsSync(UNPACKED) ? UNPACKED : 'promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (error) throw new Error(`promtool cannot be run (tools/install-prometheus brings it): ${error.message}`);
  return status === 0 ? stdout + stderr : `exit ${status}: ${stdout}${stderr}`;
}
