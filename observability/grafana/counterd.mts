// The counter service, and the engine beneath it.
import { figure, graph, heat } from './panels.mts';
import { page } from './page.mts';
import { buckets, quantile, quantiles, rate, series, sum } from './promql.mts';
import { units } from './sdk.mts';

const METHODS = 'grpc_service=~"livecounter[.]v1[.](CounterService|AdminService|EdgeService)"';
const OURS = 'grpc_code=~"Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss"';

export const counterd = page({
  uid: 'livecounter-counterd',
  title: 'Live Counter / Counter service and engine',
  description: 'Counts, leases, commits, the store, and the gRPC services.',
  programs: 'livecounter|livecounter-counterd',
  rows: [
    {
      title: 'Counting',
      panels: [
        figure({
          title: 'Store',
          description: 'Whether the store takes writes. If not, hits are refused; presence and reading go on.',
          queries: [{ expr: `min(${series('livecounter_engine_writable')})` }],
          words: { 0: { text: 'refuses writes', color: 'red' }, 1: { text: 'writable', color: 'green' } },
          runbook: 'store-refuses-writes',
          width: 4,
        }),
        figure({
          title: 'State',
          description: 'After a start the service recovers for up to 10 seconds: it publishes no number below the one that gateways last showed.',
          queries: [{ expr: `max(${series('livecounter_counterd_recovering')})` }],
          words: { 0: { text: 'serving', color: 'green' }, 1: { text: 'recovering', color: 'yellow' } },
          runbook: 'counterd-down',
          width: 4,
        }),
        figure({
          title: 'Gateways',
          description: 'Sessions whose share is held, attached or detached.',
          queries: [{ expr: sum(series('livecounter_counterd_sessions')) }],
          base: 'red',
          steps: [{ value: 1, color: 'green' }],
          runbook: 'no-ready-gateway',
          width: 4,
        }),
        figure({
          title: 'Present',
          description: 'Distinct presence IDs, summed over counters.',
          queries: [{ expr: sum(series('livecounter_counterd_present')) }],
          base: 'blue',
          width: 4,
        }),
        figure({
          title: 'Hits',
          description: 'Hits made durable, a second.',
          unit: units.CountsPerSecond,
          queries: [{ expr: sum(rate('livecounter_counterd_hits_total')) }],
          base: 'purple',
          width: 4,
        }),
        figure({
          title: 'Disk free',
          description: 'Free space of the store\'s file system.',
          unit: units.BytesIEC,
          queries: [{ expr: `min(${series('livecounter_engine_disk_free_bytes')})` }],
          base: 'red',
          steps: [{ value: 1 << 30, color: 'yellow' }, { value: 5 * (1 << 30), color: 'green' }],
          runbook: 'disk-fills-up',
          width: 4,
        }),
        graph({
          title: 'Present',
          description: 'Distinct presence IDs, summed over counters.',
          queries: [{ expr: sum(series('livecounter_counterd_present')), legend: 'present' }],
        }),
        graph({
          title: 'Sessions of gateways',
          description: 'A gateway that is killed keeps its share for a lease (10 s), one that drains for the grace of lost connections.',
          queries: [{ expr: series('livecounter_counterd_sessions'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Audits of presence',
          description: 'Gateways compare what they hold with what is held for them, a second. A mismatch heals at once, and should never be.',
          unit: units.OpsPerSecond,
          queries: [
            { expr: sum(rate('livecounter_presence_audits_total'), ['result']), legend: '{{result}}' },
            { expr: sum(series('livecounter_presence_audit_mismatch')), legend: 'mismatches since the start' },
          ],
          colors: { match: 'green', mismatch: 'red', 'mismatches since the start': 'dark-red' },
          runbook: 'presence-audit-mismatch',
        }),
      ],
    },
    {
      title: 'Commits',
      panels: [
        graph({
          title: 'Hits and commits',
          description: 'Hits, and the group commits that made them durable, a second. Under load many hits share one.',
          unit: units.OpsPerSecond,
          queries: [
            { expr: sum(rate('livecounter_counterd_hits_total')), legend: 'hits' },
            { expr: sum(rate('livecounter_counterd_commit_seconds_count')), legend: 'commits' },
          ],
        }),
        graph({
          title: 'Commit',
          description: 'From the first write of a group commit to the end of its sync. Every hit waits for it.',
          unit: units.Seconds,
          queries: quantiles('livecounter_counterd_commit_seconds'),
          lines: [{ value: 0.5, color: 'red' }],
          runbook: 'commits-slow',
        }),
        heat({
          title: 'Commit, all of it',
          description: 'How many commits took how long.',
          unit: units.Seconds,
          queries: [{ expr: buckets('livecounter_counterd_commit_seconds') }],
        }),
        graph({
          title: 'Commits that failed',
          description: 'A second. The store then refuses writes until it could be opened again.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_engine_commit_failures_total')), legend: 'failed' }],
          colors: { failed: 'red' },
          runbook: 'store-refuses-writes',
        }),
        graph({
          title: 'Store on disk',
          description: 'Tables, and the log of what is not in tables yet.',
          unit: units.BytesIEC,
          queries: [
            { expr: sum(series('livecounter_engine_store_bytes')), legend: 'tables' },
            { expr: sum(series('livecounter_engine_wal_bytes')), legend: 'write-ahead log' },
          ],
          runbook: 'disk-fills-up',
        }),
        graph({
          title: 'Disk free',
          description: 'Free space of the store\'s file system, and where it will be in a day at the pace of the last six hours.',
          unit: units.BytesIEC,
          queries: [
            { expr: series('livecounter_engine_disk_free_bytes'), legend: '{{instance}}' },
            { expr: `predict_linear(${series('livecounter_engine_disk_free_bytes')}[6h], 24 * 3600)`, legend: '{{instance}} in a day' },
          ],
          runbook: 'disk-fills-up',
        }),
      ],
    },
    {
      title: 'Engine',
      panels: [
        graph({
          title: 'Operations',
          description: 'Operations that the engine answered, a second.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_engine_operations_total'), ['op']), legend: '{{op}}' }],
        }),
        graph({
          title: 'Operations: 99 % within',
          description: 'From the call of an operation to its answer, for those that are in use.',
          unit: units.Seconds,
          queries: [{ expr: `${quantile(0.99, 'livecounter_engine_operation_seconds', '', ['op'])} >= 0`, legend: '{{op}}' }],
          logarithmic: true,
          runbook: 'commits-slow',
        }),
        graph({
          title: 'Operations not done',
          description: 'refused: the caller\'s doing, such as a counter that does not exist. failed: ours.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_engine_operations_total', 'result=~"refused|failed"'), ['result']), legend: '{{result}}' }],
          colors: { refused: 'yellow', failed: 'red' },
          runbook: 'store-refuses-writes',
        }),
        graph({
          title: 'Counters in memory',
          description: 'Those that are in use; the others are on disk only.',
          queries: [{ expr: series('livecounter_engine_counters_in_memory'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Compaction',
          description: 'What has still to be rewritten. If it only grows, the disk is too slow for the load.',
          unit: units.BytesIEC,
          queries: [{ expr: series('livecounter_engine_compaction_pending_bytes'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Compactions running',
          description: 'How many at the same time.',
          queries: [{ expr: series('livecounter_engine_compactions_running'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'History',
          description: 'Points of the counters\' history that were written, a second. They come by the minute.',
          unit: units.OpsPerSecond,
          queries: [{ expr: sum(rate('livecounter_engine_history_points_total'), ['result']), legend: '{{result}}' }],
          colors: { written: 'green', failed: 'red' },
          width: 12,
        }),
        graph({
          title: 'Usage',
          description: 'Connections counted for billing, a second, and batches of them that the store could not take: these are sent again.',
          unit: units.OpsPerSecond,
          queries: [
            { expr: sum(rate('livecounter_counterd_usage_connections_total')), legend: 'connections' },
            { expr: sum(rate('livecounter_counterd_usage_refused_total')), legend: 'batches not taken' },
          ],
          colors: { 'batches not taken': 'red' },
          width: 12,
          runbook: 'usage-late',
        }),
      ],
    },
    {
      title: 'gRPC',
      panels: [
        graph({
          title: 'Calls',
          description: 'Calls completed, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: `${sum(rate('grpc_server_handled_total', METHODS), ['grpc_service', 'grpc_method'])} > 0`, legend: '{{grpc_method}}' }],
        }),
        graph({
          title: 'Calls that failed',
          description: 'By the service\'s own fault, a second.',
          unit: units.RequestsPerSecond,
          queries: [{ expr: sum(rate('grpc_server_handled_total', `${METHODS},${OURS}`), ['grpc_service', 'grpc_code']), legend: '{{grpc_service}} {{grpc_code}}' }],
          runbook: 'api-fails',
        }),
        graph({
          title: 'Unary calls',
          description: 'How long they take.',
          unit: units.Seconds,
          queries: quantiles('grpc_server_handling_seconds', METHODS),
          runbook: 'commits-slow',
        }),
        graph({
          title: 'Streams open',
          description: 'Calls that were started and have not ended: gateways, and those who watch counters.',
          queries: [{
            expr: `${sum(series('grpc_server_started_total', `${METHODS},grpc_type=~".*stream"`), ['grpc_method'])} - ${sum(series('grpc_server_handled_total', `${METHODS},grpc_type=~".*stream"`), ['grpc_method'])}`,
            legend: '{{grpc_method}}',
          }],
        }),
        graph({
          title: 'Messages of streams',
          description: 'To and from gateways, and to those who watch counters, a second.',
          unit: units.MessagesPerSecond,
          queries: [
            { expr: sum(rate('grpc_server_msg_received_total', `${METHODS},grpc_type=~".*stream"`)), legend: 'received' },
            { expr: sum(rate('grpc_server_msg_sent_total', `${METHODS},grpc_type=~".*stream"`)), legend: 'sent' },
          ],
        }),
        graph({
          title: 'Catalogue',
          description: 'Products, gateways that follow them, and changes told a second.',
          queries: [
            { expr: sum(series('livecounter_counterd_catalog_products')), legend: 'products' },
            { expr: sum(series('livecounter_counterd_catalog_watchers')), legend: 'gateways that follow' },
            { expr: sum(rate('livecounter_counterd_catalog_changes_total')), legend: 'changes a second' },
          ],
        }),
      ],
    },
    {
      title: 'Process',
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
          title: 'Warnings and errors logged',
          description: 'Log lines a second.',
          unit: units.CountsPerSecond,
          queries: [{ expr: sum(rate('livecounter_log_lines_total', 'level=~"warning|error"'), ['level']), legend: '{{level}}' }],
        }),
      ],
    },
  ],
});
