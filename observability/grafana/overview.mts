// Is it well? The page to begin with.
import { figure, graph } from './panels.mts';
import { page } from './page.mts';
import { quantiles, rate, series, sum } from './promql.mts';
import { units } from './sdk.mts';

const BURN = [
  { value: 1, color: 'yellow' },
  { value: 6, color: 'orange' },
  { value: 14.4, color: 'red' },
];
const OBJECTIVE = [
  { value: 0.99, color: 'orange' },
  { value: 0.999, color: 'green' },
];
const CHOSEN_GATEWAYS = `${series('livecounter_ready')} and on (job, instance) ${series('livecounter_gateway_upstream_connected')}`;

export const overview = page({
  uid: 'livecounter-overview',
  title: 'Live Counter / Overview',
  description: 'Who is here, what is counted, how fresh the numbers are, and what goes wrong.',
  programs: 'livecounter.*',
  rows: [
    {
      title: 'Now',
      panels: [
        figure({
          title: 'Viewers',
          description: 'Open WebSockets and event streams of clients, view-only ones too.',
          queries: [{ expr: sum(series('livecounter_gateway_connections')) }],
          base: 'blue',
        }),
        figure({
          title: 'Present',
          description: 'Distinct presence IDs, summed over all counters: who is counted.',
          queries: [{ expr: sum(series('livecounter_counterd_present')) }],
          base: 'blue',
        }),
        figure({
          title: 'Hits',
          description: 'Hits made durable, a second.',
          unit: units.CountsPerSecond,
          queries: [{ expr: sum(rate('livecounter_counterd_hits_total')) }],
          base: 'purple',
        }),
        figure({
          title: 'Oldest number',
          description: 'How old the newest number of the worst gateway is: it watches a counter that moves every second. Over 5 seconds is stale.',
          unit: units.Seconds,
          decimals: 1,
          queries: [{ expr: `max(${series('livecounter_gateway_canary_age_seconds')})` }],
          steps: [{ value: 2, color: 'yellow' }, { value: 5, color: 'red' }],
          runbook: 'numbers-stale',
        }),
        figure({
          title: 'Connects, an hour',
          description: 'The share of those who came within the hour and got their stream, unless the fault was theirs. Objective: 99.9 % over 30 days.',
          unit: units.PercentUnit,
          decimals: 2,
          queries: [{ expr: '1 - max(livecounter:connects_failed:ratio_rate1h)' }],
          base: 'red',
          steps: OBJECTIVE,
          runbook: 'connects-fail',
        }),
        figure({
          title: 'Freshness, an hour',
          description: 'The share of the hour, over all gateways, in which numbers were no older than 5 seconds. Objective: 99.9 % over 30 days.',
          unit: units.PercentUnit,
          decimals: 2,
          queries: [{ expr: '1 - max(livecounter:gateways_stale:ratio_avg1h)' }],
          base: 'red',
          steps: OBJECTIVE,
          runbook: 'numbers-stale',
        }),
        figure({
          title: 'Gateways ready',
          description: 'How many take viewers: neither draining nor without the counter service for over half a minute.',
          queries: [{ expr: `sum(${CHOSEN_GATEWAYS})` }],
          base: 'red',
          steps: [{ value: 1, color: 'green' }],
          runbook: 'no-ready-gateway',
        }),
        figure({
          title: 'Alerts',
          description: 'Alerts of Live Counter that fire.',
          queries: [{ expr: 'count(ALERTS{alertname=~"LiveCounter.*",alertstate="firing"}) or vector(0)' }],
          steps: [{ value: 1, color: 'red' }],
          runbook: 'README',
        }),
      ],
    },
    {
      title: 'Viewers and hits',
      panels: [
        graph({
          title: 'Viewers by transport',
          description: 'Open streams of clients, over all gateways.',
          queries: [{ expr: sum(series('livecounter_gateway_connections'), ['transport']), legend: '{{transport}}' }],
          stacked: true,
        }),
        graph({
          title: 'Present and connected',
          description: 'Fewer are present: a visitor may have several tabs, and some streams only watch. More for a while: who left is present until the end of their grace.',
          queries: [
            { expr: sum(series('livecounter_counterd_present')), legend: 'present' },
            { expr: sum(series('livecounter_gateway_connections')), legend: 'connected' },
          ],
        }),
        graph({
          title: 'Hits',
          description: 'Hits made durable, a second.',
          unit: units.CountsPerSecond,
          queries: [{ expr: sum(rate('livecounter_counterd_hits_total')), legend: 'hits' }],
          colors: { hits: 'purple' },
        }),
        graph({
          title: 'Connects',
          description: 'Attempts to open a stream, a second. refused: the client\'s doing, or a limit of its product; draining: told to go to another gateway; failed: ours.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_connects_total'), ['result']), legend: '{{result}}' }],
          colors: { accepted: 'green', refused: 'yellow', draining: 'blue', failed: 'red' },
          runbook: 'connects-fail',
        }),
        graph({
          title: 'Updates sent',
          description: 'Numbers written to clients, a second: changes times those who watch, less what was conflated.',
          unit: units.MessagesPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_updates_sent_total'), ['transport']), legend: '{{transport}}' }],
          stacked: true,
        }),
        graph({
          title: 'Burnt budget',
          description: 'How many times the pace that 99.9 % allows. 14.4 over an hour pages, 6 over six hours too; 1 over three days is a ticket.',
          unit: units.Short,
          queries: [
            { expr: 'max(livecounter:connects_failed:ratio_rate1h) / 0.001', legend: 'connects, 1 h' },
            { expr: 'max(livecounter:connects_failed:ratio_rate6h) / 0.001', legend: 'connects, 6 h' },
            { expr: 'max(livecounter:gateways_stale:ratio_avg1h) / 0.001', legend: 'freshness, 1 h' },
            { expr: 'max(livecounter:gateways_stale:ratio_avg6h) / 0.001', legend: 'freshness, 6 h' },
          ],
          lines: BURN,
          runbook: 'connects-fail',
        }),
      ],
    },
    {
      title: 'Freshness and speed',
      panels: [
        graph({
          title: 'Age of the newest number',
          description: 'At each gateway, of a counter that moves every second. It grows by a second a second while nothing arrives.',
          unit: units.Seconds,
          queries: [{ expr: series('livecounter_gateway_canary_age_seconds'), legend: '{{instance}}' }],
          lines: [{ value: 5, color: 'red' }],
          runbook: 'numbers-stale',
        }),
        graph({
          title: 'Update delay',
          description: 'From a change accepted by the counter service to its update written to the socket. Changes within a counter\'s update interval (100 ms) wait for its end.',
          unit: units.Seconds,
          queries: quantiles('livecounter_gateway_update_delay_seconds'),
        }),
        graph({
          title: 'Answer to a hit',
          description: 'From a complete POST to its answer: to the disk and back.',
          unit: units.Seconds,
          queries: quantiles('livecounter_gateway_hit_seconds'),
          runbook: 'commits-slow',
        }),
      ],
    },
    {
      title: 'Errors',
      panels: [
        graph({
          title: 'Requests not served',
          description: 'By reason, a second. upstream and overloaded are ours; the others are the client\'s doing, or a limit of its product.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_rejected_total'), ['reason']), legend: '{{reason}}' }],
          colors: { upstream: 'red', overloaded: 'dark-red' },
          runbook: 'connects-fail',
        }),
        graph({
          title: 'Errors behind the gateways',
          description: 'Engine operations and group commits that failed, calls that failed by our fault, and questions about users that nobody answered.',
          unit: units.OpsPerSecond,
          queries: [
            { expr: sum(rate('livecounter_engine_operations_total', 'result="failed"')), legend: 'engine operations' },
            { expr: sum(rate('livecounter_engine_commit_failures_total')), legend: 'commits' },
            {
              expr: sum(rate('grpc_server_handled_total', 'grpc_code=~"Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss"')),
              legend: 'calls',
            },
            { expr: sum(rate('livecounter_gateway_user_verdicts_total', 'verdict="none"')), legend: 'questions about users' },
          ],
          runbook: 'api-fails',
        }),
        graph({
          title: 'Warnings and errors logged',
          description: 'Log lines a second. The lines say what it was.',
          unit: units.CountsPerSecond,
          queries: [{ expr: sum(rate('livecounter_log_lines_total', 'level=~"warning|error"'), ['job', 'level']), legend: '{{job}} {{level}}' }],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph({
          title: 'Processor',
          description: 'Cores in use, user and system.',
          queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{job}} {{instance}}' }],
          unit: units.Short,
          width: 6,
        }),
        graph({
          title: 'Memory',
          description: 'Resident memory of each process.',
          unit: units.BytesIEC,
          queries: [{ expr: series('process_resident_memory_bytes'), legend: '{{job}} {{instance}}' }],
          width: 6,
        }),
        graph({
          title: 'Open files',
          description: 'The share of the file descriptors that a process may have. Each viewer is one, with TLS three.',
          unit: units.PercentUnit,
          queries: [{ expr: `${series('process_open_fds')} / ${series('process_max_fds')}`, legend: '{{job}} {{instance}}' }],
          max: 1,
          width: 6,
        }),
        graph({
          title: 'Up since',
          description: 'How long each process has been running. A fall to 0 is a restart.',
          unit: units.DurationSeconds,
          queries: [{ expr: `time() - ${series('process_start_time_seconds')}`, legend: '{{job}} {{instance}}' }],
          width: 6,
        }),
      ],
    },
  ],
});
