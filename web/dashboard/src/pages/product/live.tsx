// What goes on in a product now, and how its counters went.
import { useState } from 'preact/hooks';
import { isCode } from '../../api/connect.ts';
import { counters as service, firstPages, type Counter, type HistoryPoint, type Items } from '../../api/services.ts';
import { fillHistory, RANGES, spanOf, toRequest, type Plot as History, type Range, type Span } from '../../state/history.ts';
import { busiest, totals, type Live } from '../../state/live.ts';
import { accountIdOf, counterIdOf, counterName, productIdOf } from '../../state/names.ts';
import { formatInteger, plural } from '../../state/numbers.ts';
import { formatDateTime, formatTimes, HOUR_MS } from '../../state/times.ts';
import { Empty, Field, Figure, Id, LoadError, Loading, Panel, Segments, Stepper, Tag } from '../../ui/elements.tsx';
import { usePolling, useResource } from '../../ui/hooks.ts';
import { useLive } from '../../ui/live.ts';
import { Plot } from '../../ui/plot.tsx';
import { useRecent } from '../../ui/recent.ts';
import { Link } from '../../ui/router.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import type { TabProps } from './product.tsx';

const SHOWN = 10;
const LIST_AGAIN_MS = 5000; // for each page of the list, so that long ones ask no more of the server
const PAGE_SIZE = 1000;
const MOST_LISTED = 10_000;
const SUGGESTED = 100;

const loadCounters = (parent: string, signal: AbortSignal): Promise<Items<Counter>> => firstPages(
  (pageToken) => service.list({ parent, pageSize: PAGE_SIZE, pageToken }, signal), ({ counters }) => counters, MOST_LISTED);

export function LiveTab({ product }: TabProps) {
  const name = product.name ?? '';
  const list = useResource(name, (signal) => loadCounters(name, signal));
  usePolling(list.reload, LIST_AGAIN_MS * Math.max(1, Math.ceil((list.value?.items.length ?? 0) / PAGE_SIZE)));
  const [chosen, setChosen] = useState('');
  const { counters, isLive, also } = useLive(list.value?.items ?? [], chosen);
  if (!list.value) return list.error ? <LoadError error={list.error} retry={list.reload} what="counters" /> : <Loading lines={6} />;
  if (counters.length === 0) return <NothingYet product={name} />;
  const { present, hits } = totals(counters);
  const ranking = busiest(counters, SUGGESTED);
  const shown = chosen || ranking[0]?.name || '';
  return (
    <>
      <div class="figures">
        <Figure kind="here" label="Here now" value={formatInteger(present)} note={isLive ? <span class="pulse">live</span> : 'connecting again …'} />
        <Figure kind="hits" label="Hits" value={formatInteger(hits)} note={`over ${plural(counters.filter((live) => live.hits !== undefined).length, 'counter', 'counters')}`} />
        <Figure label="Counters" value={formatInteger(counters.length) + (list.value.hasMore ? '+' : '')} note="with hits, people or history" />
      </div>
      <Panel title="Busiest counters" description={list.value.hasMore ? `Of the first ${formatInteger(counters.length)} by name; the history shows any.` : undefined}>
        <BusiestTable top={withChosen(ranking.slice(0, SHOWN), also)} chosen={shown} onChoose={setChosen} />
      </Panel>
      <HistoryPanel product={name} suggested={ranking} chosen={shown} onChoose={setChosen} />
    </>
  );
}

// A counter that was chosen by its name stands below the busiest, where there is something to see of it.
const withChosen = (top: Live[], chosen: Live | undefined): Live[] =>
  (chosen && (chosen.present > 0 || chosen.hits !== undefined) && !top.some(({ name }) => name === chosen.name) ? [...top, chosen] : top);

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

interface HistoryPanelProps {
  product: string;
  suggested: Live[];
  chosen: string;
  onChoose: (name: string) => void; // of '' for the busiest
}

function HistoryPanel({ product, suggested, chosen, onChoose }: HistoryPanelProps) {
  const [{ range, back }, setWhen] = useState<{ range: Range; back: number }>({ range: 'hour', back: 0 });
  const [typed, setTyped] = useState<string | undefined>(); // until it is chosen
  const choose = (id: string): void => onChoose(id ? counterName(product, id) : '');
  return (
    <Panel title="History" actions={<Segments label="Time" value={range} onChange={(key) => setWhen({ range: key, back: 0 })} options={(Object.keys(RANGES) as Range[]).map((key) => [key, RANGES[key].title])} />}>
      <Field label="Counter" value={typed ?? counterIdOf(chosen)} onInput={setTyped} onChange={choose} onBlur={() => setTyped(undefined)} isCode
        suggestions={suggested.map(({ name }) => counterIdOf(name)).sort()}
        hint="Any by its name, then Enter; the busiest where it is empty." input={{ autocomplete: 'off', name: 'counter', spellcheck: false }} />
      {RANGES[range].most > 0 && (
        <Stepper unit={range} hasBefore={back < RANGES[range].most} hasAfter={back > 0} onStep={(count) => setWhen({ range, back: back - count })}>
          {back === 0 ? 'Until now' : timesOf(spanOf(range, Date.now(), back))}
        </Stepper>
      )}
      <HistoryPlots name={chosen} range={range} back={back} key={`${chosen} ${range} ${back}`} />
    </Panel>
  );
}

const timesOf = ({ first, last, step }: Span): string => formatTimes(first, last + step);

interface Loaded {
  points: HistoryPoint[];
  plot: History;
  unit: 'minute' | 'hour';
}

async function loadHistory(name: string, span: Span, signal: AbortSignal): Promise<Loaded> {
  const { points = [] } = await service.history({ name, ...toRequest(span) }, signal);
  return { points, plot: fillHistory(points, span), unit: span.step === HOUR_MS ? 'hour' : 'minute' };
}

function HistoryPlots({ name, range, back }: { name: string; range: Range; back: number }) {
  const history = useResource(`${name} ${range} ${back}`, (signal) => loadHistory(name, spanOf(range, Date.now(), back), signal));
  usePolling(history.reload, range === 'hour' ? 20_000 : 60_000);
  if (isCode(history.error, 'not_found')) return <p class="quiet">No counter of this name has hits, people or history.</p>;
  if (!history.value) return history.error ? <LoadError error={history.error} retry={history.reload} what="history" /> : <Loading lines={8} />;
  const { points, plot, unit } = history.value;
  if (points.length === 0) {
    return <p class="quiet">Nothing changed in this time.{back === 0 && ' The first point of a counter is there a minute after its first change.'}</p>;
  }
  const hasHits = plot.hits.some((value) => value !== null);
  const most = Math.max(0, ...plot.present.map((value) => value ?? 0));
  const newHits = plot.hits.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return (
    <>
      <h3 class="plot-title"><Tag tone="good">People here</Tag> the most in each {unit}: up to {formatInteger(most)}</h3>
      <Plot times={plot.times} label={`People here over time, at most ${formatInteger(most)}`} series={presentSeries(plot)} />
      {hasHits && (
        <>
          <h3 class="plot-title"><Tag tone="warning">Hits</Tag> new in each {unit}: {formatInteger(newHits)} in all</h3>
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
