// The edge: who is connected to which gateway, and what each of them does for them.
import { figure, graph, heat } from './panels.mts';
import { page } from './page.mts';
import { buckets, quantiles, rate, series, sum } from './promql.mts';
import { units } from './sdk.mts';

export const gateway = page({
  uid: 'livecounter-gateway',
  title: 'Live Counter / Gateways',
  description: 'The edge: WebSockets, event streams and HTTP.',
  programs: 'livecounter|livecounter-gateway',
  rows: [
    {
      title: 'Connections',
      panels: [
        graph({
          title: 'Connections by gateway',
          description: 'Open streams of clients. A gateway takes --max_connections of them; uneven ones mean that clients do not choose at random.',
          queries: [{ expr: sum(series('livecounter_gateway_connections'), ['instance']), legend: '{{instance}}' }],
          stacked: true,
        }),
        graph({
          title: 'Connects',
          description: 'Attempts to open a stream, a second. failed is ours: the gateway was full, or its counter service away.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_connects_total'), ['result']), legend: '{{result}}' }],
          colors: { accepted: 'green', refused: 'yellow', draining: 'blue', failed: 'red' },
          runbook: 'connects-fail',
        }),
        graph({
          title: 'Requests not served',
          description: 'Of any kind, by reason, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_rejected_total'), ['reason']), legend: '{{reason}}' }],
          runbook: 'connects-fail',
        }),
        graph({
          title: 'Requests',
          description: 'Read whole, served or not, by what they are for, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_requests_total'), ['resource']), legend: '{{resource}}' }],
        }),
        graph({
          title: 'TLS handshakes',
          description: 'Of clients, where the gateway itself speaks TLS, a second. certificate: clients do not trust the gateway\'s; not_tls: plain HTTP comes to this port; closed, timeout: scans and bad networks.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_tls_handshakes_total'), ['listener', 'result']), legend: '{{listener}} {{result}}' }],
        }),
        graph({
          title: 'Counters watched',
          description: 'Counters that some client reads or streams here, summed over event loops.',
          queries: [{ expr: series('livecounter_gateway_watched_counters'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Viewers of a counter',
          description: 'Open streams for each watched counter: the audience that a change goes to.',
          queries: [{
            expr: `${sum(series('livecounter_gateway_connections'), ['instance'])} / (${sum(series('livecounter_gateway_watched_counters'), ['instance'])} > 0)`,
            legend: '{{instance}}',
          }],
        }),
      ],
    },
    {
      title: 'Numbers on their way',
      panels: [
        graph({
          title: 'Updates sent',
          description: 'Numbers written to clients, a second.',
          unit: units.MessagesPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_updates_sent_total'), ['instance', 'transport']), legend: '{{instance}} {{transport}}' }],
          stacked: true,
        }),
        graph({
          title: 'Update delay',
          description: 'From a change accepted by the counter service to its update written to the sockets of those who watch already.',
          unit: units.Seconds,
          queries: quantiles('livecounter_gateway_update_delay_seconds'),
        }),
        heat({
          title: 'Update delay, all of it',
          description: 'How many updates took how long. A second band at a counter\'s update interval (100 ms) is conflation at work.',
          unit: units.Seconds,
          queries: [{ expr: buckets('livecounter_gateway_update_delay_seconds') }],
        }),
        graph({
          title: 'Age of the newest number',
          description: 'Of a counter that moves every second.',
          unit: units.Seconds,
          queries: [{ expr: series('livecounter_gateway_canary_age_seconds'), legend: '{{instance}}' }],
          lines: [{ value: 5, color: 'red' }],
          runbook: 'numbers-stale',
        }),
        graph({
          title: 'Answer to a hit',
          description: 'From a complete POST to its answer.',
          unit: units.Seconds,
          queries: quantiles('livecounter_gateway_hit_seconds'),
          runbook: 'commits-slow',
        }),
        heat({
          title: 'Answer to a hit, all of it',
          description: 'How many POSTs took how long.',
          unit: units.Seconds,
          queries: [{ expr: buckets('livecounter_gateway_hit_seconds') }],
        }),
      ],
    },
    {
      title: 'Counter service, as the gateways see it',
      panels: [
        figure({
          title: 'Ready',
          description: 'Gateways that take viewers.',
          queries: [{ expr: `sum(${series('livecounter_ready')} and on (job, instance) ${series('livecounter_gateway_upstream_connected')})` }],
          base: 'red',
          steps: [{ value: 1, color: 'green' }],
          runbook: 'no-ready-gateway',
          height: 8,
        }),
        figure({
          title: 'Attached',
          description: 'Gateways with a stream to the counter service.',
          queries: [{ expr: sum(series('livecounter_gateway_upstream_connected')) }],
          base: 'red',
          steps: [{ value: 1, color: 'green' }],
          runbook: 'counterd-down',
          height: 8,
        }),
        graph({
          title: 'Attached',
          description: '1 while the gateway has its stream to the counter service. Without it numbers stand still, and hits wait.',
          queries: [{ expr: series('livecounter_gateway_upstream_connected'), legend: '{{instance}}' }],
          max: 1,
          width: 6,
          runbook: 'counterd-down',
        }),
        graph({
          title: 'Usage not yet counted',
          description: 'The age of the oldest connection that the counter service has not counted for billing.',
          unit: units.Seconds,
          queries: [{ expr: series('livecounter_gateway_usage_unsent_age_seconds'), legend: '{{instance}}' }],
          lines: [{ value: 60, color: 'red' }],
          width: 6,
          runbook: 'usage-late',
        }),
        graph({
          title: 'Catalogue',
          description: 'Products that each gateway knows. All must know as many as the counter service has.',
          queries: [{ expr: series('livecounter_gateway_catalog_products'), legend: '{{instance}}' }],
          width: 6,
        }),
        graph({
          title: 'Catalogue lost',
          description: 'For how long the stream of changed products and keys is down. Until it is back, a key that was revoked still works here.',
          unit: units.Seconds,
          queries: [{ expr: series('livecounter_gateway_catalog_lost_seconds'), legend: '{{instance}}' }],
          runbook: 'counterd-down',
        }),
        graph({
          title: 'Changes of the catalogue',
          description: 'Changes of products and keys that arrived, a second.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_catalog_changes_total'), ['instance']), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Journal of usage: failures',
          description: 'Times a second that what is not yet counted could not be written to --state_dir, or removed there. Meanwhile a kill of that gateway loses it.',
          unit: units.OpsPerSecond,
          queries: [{ expr: rate('livecounter_gateway_usage_journal_failures_total'), legend: '{{instance}}' }],
          runbook: 'usage-at-risk',
        }),
      ],
    },
    {
      title: 'Verification and console',
      panels: [
        graph({
          title: 'Answers about users',
          description: 'At products with verification, a second. none: nobody answered, and the question is asked again.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_gateway_user_verdicts_total'), ['verdict']), legend: '{{verdict}}' }],
          colors: { valid: 'green', invalid: 'yellow', indeterminate: 'orange', none: 'red' },
          runbook: 'verification-unanswered',
        }),
        graph({
          title: 'Users who do not count yet',
          description: 'They watch; they wait for a verdict, or got one that says no.',
          queries: [
            { expr: sum(series('livecounter_gateway_unverified_users')), legend: 'users' },
            { expr: sum(series('livecounter_gateway_verifications_in_flight')), legend: 'questions on their way' },
          ],
          runbook: 'verification-unanswered',
        }),
        graph({
          title: 'Calls of the console',
          description: 'The dashboard\'s and scripts\' calls of the JSON API, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_console_requests_total'), ['grpc_method', 'grpc_code']), legend: '{{grpc_method}} {{grpc_code}}' }],
          runbook: 'api-fails',
        }),
        graph({
          title: 'Console: answer',
          description: 'How long unary calls of the console take.',
          unit: units.Seconds,
          queries: quantiles('livecounter_console_request_seconds'),
          width: 12,
        }),
        graph({
          title: 'Console: streams',
          description: 'Streaming calls of the console that are open.',
          queries: [{ expr: series('livecounter_console_streams'), legend: '{{instance}}' }],
          width: 12,
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph({
          title: 'Processor',
          description: 'Cores in use, user and system. A gateway has --threads event loops.',
          queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Memory of a connection',
          description: 'Resident memory over open connections: falls as viewers come, and should not creep up at the same number of them.',
          unit: units.BytesIEC,
          queries: [{
            expr: `${sum(series('process_resident_memory_bytes'), ['job', 'instance'])} / on (job, instance) (${sum(series('livecounter_gateway_connections'), ['job', 'instance'])} > 0)`,
            legend: '{{instance}}',
          }],
        }),
        graph({
          title: 'Open files',
          description: 'The share of the file descriptors that the process may have.',
          unit: units.PercentUnit,
          queries: [{ expr: `${series('process_open_fds')} / ${series('process_max_fds')}`, legend: '{{instance}}' }],
          max: 1,
        }),
      ],
    },
  ],
});
