// How long calls took: a bar for each bucket, the limit marked. Buckets span more and more, bars are equally wide: the
// edges say what they stand for.
import type { LatencySummary } from '../api/services.ts';
import { formatMillis, millisOf } from '../state/durations.ts';
import { edgeLabels } from '../state/histogram.ts';
import { plural } from '../state/numbers.ts';

const LIMIT_MS = 3000;
const GAPS = 4; // as many as have room for their labels on a phone

const formatEdge = (millis: number): string => (millis === 0 ? '0' : formatMillis(millis));

export function Histogram({ latency }: { latency: LatencySummary }) {
  const buckets = (latency.buckets ?? []).map(({ upTo, calls = 0 }) => ({ upTo: millisOf(upTo), calls }));
  const most = Math.max(1, ...buckets.map(({ calls }) => calls));
  const quantiles: [string, string | undefined][] = [['p50', latency.p50], ['p95', latency.p95], ['p99', latency.p99], ['max', latency.max]];
  const describe = (index: number): string =>
    `${formatEdge(buckets[index - 1]?.upTo ?? 0)} to ${formatMillis(buckets[index]?.upTo ?? 0)}: ${plural(buckets[index]?.calls ?? 0, 'call', 'calls')}`;
  return (
    <div class="histogram">
      <dl>{quantiles.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{formatMillis(millisOf(value))}</dd></div>)}</dl>
      <ol aria-label="Latency histogram">
        {buckets.map(({ upTo, calls }, index) => (
          <li key={upTo} class={upTo > LIMIT_MS ? 'late' : ''} title={describe(index)}>
            <span class="bar" style={{ height: `${Math.max(calls ? 3 : 0, (100 * calls) / most)}%` }} />
            <span class="unseen">{describe(index)}</span>
          </li>
        ))}
      </ol>
      <p class="scale" aria-hidden="true">
        {edgeLabels(buckets.map(({ upTo }) => upTo), GAPS).map(({ at, edge }) => <span key={edge} style={{ left: `${at}%` }}>{formatEdge(edge)}</span>)}
      </p>
    </div>
  );
}
