// How long calls took: a bar for each bucket, the limit marked.
import type { LatencySummary } from '../api/services.ts';
import { formatMillis, millisOf } from '../state/durations.ts';
import { formatInteger } from '../state/numbers.ts';

const LIMIT_MS = 3000;

export function Histogram({ latency }: { latency: LatencySummary }) {
  const buckets = (latency.buckets ?? []).map(({ upTo, calls = 0 }) => ({ upTo: millisOf(upTo), calls }));
  const most = Math.max(1, ...buckets.map(({ calls }) => calls));
  const quantiles: [string, string | undefined][] = [['p50', latency.p50], ['p95', latency.p95], ['p99', latency.p99], ['max', latency.max]];
  return (
    <div class="histogram">
      <dl>{quantiles.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{formatMillis(millisOf(value))}</dd></div>)}</dl>
      <ol aria-label="Latency histogram">
        {buckets.map(({ upTo, calls }) => (
          <li key={upTo} class={upTo > LIMIT_MS ? 'late' : ''} title={`up to ${formatMillis(upTo)}: ${formatInteger(calls)} calls`}>
            <span class="bar" style={{ height: `${Math.max(calls ? 3 : 0, (100 * calls) / most)}%` }} />
            <span class="unseen">{`up to ${formatMillis(upTo)}: ${formatInteger(calls)} calls`}</span>
          </li>
        ))}
      </ol>
      {buckets.length > 0 && <p class="scale" aria-hidden="true"><span>0</span><span>{formatMillis(buckets.at(-1)?.upTo ?? 0)}</span></p>}
    </div>
  );
}
