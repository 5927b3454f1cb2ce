// Verification: what customers' servers say about users, and what becomes of the questions.
import { figure, graph, heat } from './panels.mts';
import { page } from './page.mts';
import { buckets, quantiles, rate, series, sum } from './promql.mts';
import { units } from './sdk.mts';

const SERVICE = 'grpc_service="livecounter.v1.VerifierService"';

export const verifier = page({
  uid: 'livecounter-verifier',
  title: 'Live Counter / Verifier',
  description: 'Calls of customers\' endpoints, verdicts, the queue, circuit breakers.',
  programs: 'livecounter|livecounter-verifier',
  rows: [
    {
      title: 'Now',
      panels: [
        figure({
          title: 'Calls',
          description: 'Calls of customers\' endpoints, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_verifier_verdicts_total')) }],
          base: 'blue',
          width: 4,
        }),
        figure({
          title: 'Indeterminate',
          description: 'The share of calls that said neither yes nor no: errors, time-outs, wrong answers.',
          unit: units.PercentUnit,
          decimals: 1,
          queries: [{
            expr: `${sum(rate('livecounter_verifier_verdicts_total', 'verdict="indeterminate"'))} / (${sum(rate('livecounter_verifier_verdicts_total'))} > 0) or vector(0)`,
          }],
          steps: [{ value: 0.05, color: 'yellow' }, { value: 0.2, color: 'red' }],
          runbook: 'endpoints-fail',
          width: 4,
        }),
        figure({
          title: 'Waiting',
          description: 'Asks that wait for a call to begin or to end.',
          queries: [{ expr: sum(series('livecounter_verifier_waiting_asks')) }],
          base: 'blue',
          runbook: 'verification-slow',
          width: 4,
        }),
        figure({
          title: 'Breakers open',
          description: 'Products whose endpoint fails every time and is let alone for a while.',
          queries: [{ expr: sum(series('livecounter_verifier_open_breakers')) }],
          steps: [{ value: 1, color: 'red' }],
          runbook: 'endpoints-fail',
          width: 4,
        }),
        figure({
          title: 'Turned away',
          description: 'Asks refused because the queue was full, a second.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_verifier_refused_total')) }],
          steps: [{ value: 0.001, color: 'red' }],
          runbook: 'verification-slow',
          width: 4,
        }),
        figure({
          title: 'Verdicts remembered',
          description: 'Users whose verdict is known: valid for 5 minutes, invalid for one.',
          queries: [{ expr: sum(series('livecounter_verifier_known_users')) }],
          base: 'blue',
          width: 4,
        }),
      ],
    },
    {
      title: 'Customers\' endpoints',
      panels: [
        graph({
          title: 'Calls by verdict',
          description: 'What customers\' servers said, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('livecounter_verifier_verdicts_total'), ['verdict']), legend: '{{verdict}}' }],
          stacked: true,
          colors: { valid: 'green', invalid: 'yellow', indeterminate: 'red' },
          runbook: 'endpoints-fail',
        }),
        graph({
          title: 'Calls: how long',
          description: 'From the start of a call to its answer, or to where we gave up: 3 seconds.',
          unit: units.Seconds,
          queries: quantiles('livecounter_verifier_call_seconds'),
          lines: [{ value: 3, color: 'red' }],
          runbook: 'endpoints-fail',
        }),
        heat({
          title: 'Calls: how long, all of it',
          description: 'How many calls took how long.',
          unit: units.Seconds,
          queries: [{ expr: buckets('livecounter_verifier_call_seconds') }],
        }),
        graph({
          title: 'Queue',
          description: 'Asks that wait, and calls under way: at most 500 of a product.',
          queries: [
            { expr: sum(series('livecounter_verifier_waiting_asks')), legend: 'waiting' },
            { expr: sum(series('livecounter_verifier_calls_in_flight')), legend: 'calls under way' },
          ],
          runbook: 'verification-slow',
        }),
        graph({
          title: 'Breakers open',
          description: 'One product: its own endpoint. Many at once: our way out to the internet.',
          queries: [{ expr: series('livecounter_verifier_open_breakers'), legend: '{{instance}}' }],
          runbook: 'endpoints-fail',
        }),
        graph({
          title: 'Tests of endpoints',
          description: 'Tests that customers ran, a second. refused: too soon after the one before.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_verifier_probes_total'), ['result']), legend: '{{result}}' }],
          colors: { passed: 'green', failed: 'red', refused: 'yellow' },
        }),
      ],
    },
    {
      title: 'As gateways see it',
      panels: [
        graph({
          title: 'Answers about users',
          description: 'Over all gateways, a second; none: nobody answered.',
          unit: units.OpsPerSecond,
          queries: [{ expr: 'sum by (verdict) (rate(livecounter_gateway_user_verdicts_total[$__rate_interval]))', legend: '{{verdict}}' }],
          colors: { valid: 'green', invalid: 'yellow', indeterminate: 'orange', none: 'red' },
          runbook: 'verification-unanswered',
        }),
        graph({
          title: 'Users who do not count yet',
          description: 'Over all gateways.',
          queries: [
            { expr: 'sum(livecounter_gateway_unverified_users)', legend: 'users' },
            { expr: 'sum(livecounter_gateway_verifications_in_flight)', legend: 'questions on their way' },
          ],
          runbook: 'verification-unanswered',
        }),
        graph({
          title: 'Calls of VerifierService',
          description: 'Calls completed, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: `${sum(rate('grpc_server_handled_total', SERVICE), ['grpc_method', 'grpc_code'])} > 0`, legend: '{{grpc_method}} {{grpc_code}}' }],
          runbook: 'verification-unanswered',
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph({
          title: 'Processor',
          description: 'Cores in use, user and system.',
          queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Memory',
          description: 'Resident memory.',
          unit: units.BytesIEC,
          queries: [{ expr: series('process_resident_memory_bytes'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Open files',
          description: 'Each call of an endpoint is one.',
          unit: units.PercentUnit,
          queries: [{ expr: `${series('process_open_fds')} / ${series('process_max_fds')}`, legend: '{{instance}}' }],
          max: 1,
        }),
      ],
    },
  ],
});
