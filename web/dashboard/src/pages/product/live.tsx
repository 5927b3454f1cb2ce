// What goes on in a product now, and how its counters went.
import { useState } from 'preact/hooks';
import { counters as service, type HistoryPoint } from '../../api/services.ts';
import { fillHistory, historyStart, RANGES, type Plot as History, type Range } from '../../state/history.ts';
import { busiest, totals, type Live } from '../../state/live.ts';
import { accountIdOf, counterIdOf, productIdOf } from '../../state/names.ts';
import { formatInteger, plural } from '../../state/numbers.ts';
import { formatDateTime } from '../../state/times.ts';
import { Empty, Figure, Id, LoadError, Loading, Panel, Segments, Select, Tag } from '../../ui/elements.tsx';
import { usePolling, useResource } from '../../ui/hooks.ts';
import { useLive } from '../../ui/live.ts';
import { Plot } from '../../ui/plot.tsx';
import { useRecent } from '../../ui/recent.ts';
import { Link } from '../../ui/router.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import type { TabProps } from './product.tsx';

const SHOWN = 10;
const LIST_AGAIN_MS = 5000;
const MOST_LISTED = 1000;

export function LiveTab({ product }: TabProps) {
  const name = product.name ?? '';
  const list = useResource(name, (signal) => service.list({ parent: name, pageSize: MOST_LISTED }, signal));
  usePolling(list.reload, LIST_AGAIN_MS);
  const { counters, isLive } = useLive(list.value?.counters ?? []);
  const [chosen, setChosen] = useState('');
  if (!list.value) return list.error ? <LoadError error={list.error} retry={list.reload} what="counters" /> : <Loading lines={6} />;
  if (counters.length === 0) return <NothingYet product={name} />;
  const { present, hits } = totals(counters);
  const top = busiest(counters, SHOWN);
  const shown = chosen || top[0]?.name || '';
  return (
    <>
      <div class="figures">
        <Figure kind="here" label="Here now" value={formatInteger(present)} note={isLive ? <span class="pulse">live</span> : 'connecting again …'} />
        <Figure kind="hits" label="Hits" value={formatInteger(hits)} note={`over ${plural(counters.filter((live) => live.hits !== undefined).length, 'counter', 'counters')}`} />
        <Figure label="Counters" value={formatInteger(counters.length) + (list.value.nextPageToken ? '+' : '')} note="with hits, people or history" />
      </div>
      <Panel title="Busiest counters" description={list.value.nextPageToken ? `Of the first ${formatInteger(MOST_LISTED)} by name.` : undefined}>
        <BusiestTable top={top} chosen={shown} onChoose={setChosen} />
      </Panel>
      <HistoryPanel counters={counters} chosen={shown} onChoose={setChosen} />
    </>
  );
}

const NothingYet = ({ product }: { product: string }) => (
  <Empty title="Nobody is here yet." action={(
    <Link to={{ page: 'product', account: accountIdOf(product), product: productIdOf(product), tab: 'embed' }} class="button primary">Embed a counter</Link>
  )}>As soon as somebody opens a page with a counter of this product, its number stands here, live.</Empty>
);

function BusiestTable({ top, chosen, onChoose }: { top: Live[]; chosen: string; onChoose: (name: string) => void }) {
  const recent = useRecent(top.map(({ name }) => name).sort());
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Busiest counters">
      <table class="rows">
        <thead><tr><th>Counter</th><th class="wide">Last hour</th><th class="number">Here now</th><th class="number">Hits</th></tr></thead>
        <tbody>
          {top.map((live) => (
            <tr key={live.name} class={live.name === chosen ? 'chosen' : ''}>
              <td><button type="button" class="row-link" aria-pressed={live.name === chosen} onClick={() => onChoose(live.name)}><Id id={counterIdOf(live.name)} /></button></td>
              <td class="wide"><Sparkline values={[...(recent.get(live.name) ?? []).slice(0, -1), live.present]} label="People here in the last hour" /></td>
              <td class="number here">{formatInteger(live.present)}</td>
              <td class="number hits">{live.hits === undefined ? <span class="none">–</span> : formatInteger(live.hits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HistoryPanel({ counters, chosen, onChoose }: { counters: Live[]; chosen: string; onChoose: (name: string) => void }) {
  const [range, setRange] = useState<Range>('hour');
  const options = busiest(counters, MOST_LISTED).map(({ name }): [string, string] => [name, counterIdOf(name)]);
  return (
    <Panel title="History" actions={<Segments label="Time" value={range} onChange={setRange} options={(Object.keys(RANGES) as Range[]).map((key) => [key, RANGES[key].title])} />}>
      <Select label="Counter" value={chosen} options={options} onChange={onChoose} />
      <HistoryPlots name={chosen} range={range} key={`${chosen} ${range}`} />
    </Panel>
  );
}

async function loadHistory(name: string, range: Range, signal: AbortSignal): Promise<{ points: HistoryPoint[]; plot: History }> {
  const now = Date.now();
  const { points = [] } = await service.history({ name, resolution: RANGES[range].resolution, startTime: historyStart(range, now) }, signal);
  return { points, plot: fillHistory(points, range, now) };
}

function HistoryPlots({ name, range }: { name: string; range: Range }) {
  const history = useResource(`${name} ${range}`, (signal) => loadHistory(name, range, signal));
  usePolling(history.reload, range === 'hour' ? 20_000 : 60_000);
  if (!history.value) return history.error ? <LoadError error={history.error} retry={history.reload} what="history" /> : <Loading lines={8} />;
  const { points, plot } = history.value;
  if (points.length === 0) {
    return <p class="quiet">Nothing changed in this time. The first point of a counter is there a minute after its first change.</p>;
  }
  const hasHits = plot.hits.some((value) => value !== null);
  const most = Math.max(0, ...plot.present.map((value) => value ?? 0));
  const newHits = plot.hits.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return (
    <>
      <h3 class="plot-title"><Tag tone="good">People here</Tag> the most in each {range === 'quarter' ? 'hour' : 'minute'}: up to {formatInteger(most)}</h3>
      <Plot times={plot.times} label={`People here over time, at most ${formatInteger(most)}`} series={presentSeries(plot)} />
      {hasHits && (
        <>
          <h3 class="plot-title"><Tag tone="warning">Hits</Tag> new in each {range === 'quarter' ? 'hour' : 'minute'}: {formatInteger(newHits)} in all</h3>
          <Plot times={plot.times} height={180} label={`New hits over time, ${formatInteger(newHits)} in all`} series={hitSeries(plot)} />
        </>
      )}
      <PointsTable points={points} />
    </>
  );
}

const presentSeries = (plot: History) => [{ label: 'Here', colour: '--here', values: plot.present }];
const hitSeries = (plot: History) => [{ label: 'New hits', colour: '--hits', values: plot.hits, isBars: true }];

const SHOWN_POINTS = 200;

const PointsTable = ({ points }: { points: HistoryPoint[] }) => (
  <details class="as-table">
    <summary>The same as a table</summary>
    <div class="scroll" tabIndex={0} role="region" aria-label="History as a table">
      <table class="rows">
        <thead><tr><th>Time</th><th class="number">Most here</th><th class="number">Mean</th><th class="number">Hits</th></tr></thead>
        <tbody>
          {points.slice(-SHOWN_POINTS).reverse().map(({ time = '', presentPeak, presentMean, hits }) => (
            <tr key={time}>
              <td>{formatDateTime(time)}</td>
              <td class="number">{formatInteger(Number(presentPeak ?? 0))}</td>
              <td class="number">{Number(presentMean ?? 0).toFixed(1)}</td>
              <td class="number">{hits === undefined ? '–' : formatInteger(BigInt(hits))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);
