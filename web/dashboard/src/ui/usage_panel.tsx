// Connections accepted in a month or in some days, of an account or of one product: plot, sums, CSV.
import { useState } from 'preact/hooks';
import { allPages, loadProducts, products as service, type UsagePoint } from '../api/services.ts';
import { accountIdOf, productIdOf } from '../state/names.ts';
import { formatInteger } from '../state/numbers.ts';
import { dayOf, formatDays, formatMonth, monthOf } from '../state/times.ts';
import { byProduct, totalConnections, usageCsv, usageSeries, type Grain, type Period } from '../state/usage.ts';
import { download } from './download.ts';
import { Button, Empty, Figure, LoadError, Loading, Segments } from './elements.tsx';
import { useResource } from './hooks.ts';
import { NamedLink } from './named_link.tsx';
import { PeriodPanel, type Shown } from './period_panel.tsx';
import { Plot } from './plot.tsx';

export const loadUsage = async (name: string, { start, end }: Period, signal: AbortSignal): Promise<UsagePoint[]> => {
  const startTime = new Date(start).toISOString();
  const endTime = new Date(end).toISOString();
  return allPages((pageToken) => service.usage({ name, startTime, endTime, pageToken }, signal), ({ points }) => points);
};

export const UsagePanel = ({ name }: { name: string }) => (
  <PeriodPanel title="Connections accepted" description="Every accepted WebSocket and event stream, view-only ones too: the billing figure. Hours, days and months are those of UTC.">
    {(shown) => <Usage name={name} shown={shown} />}
  </PeriodPanel>
);

function Usage({ name, shown }: { name: string; shown: Shown }) {
  const { start, end } = shown.period;
  const usage = useResource(`${name} ${start} ${end}`, (signal) => loadUsage(name, shown.period, signal));
  if (!usage.value) return usage.error ? <LoadError error={usage.error} retry={usage.reload} what="usage" /> : <Loading lines={8} />;
  if (usage.value.length === 0) return <Empty title="No connections in this time.">Each page that shows a number of this account adds one.</Empty>;
  return (
    <>
      <UsagePlot points={usage.value} shown={shown} file={[accountIdOf(name), productIdOf(name), shown.file].filter(Boolean).join('-')} />
      {productIdOf(name) === '' && <ProductTable account={name} points={usage.value} />}
    </>
  );
}

const GRAINS: Grain[] = ['month', 'day', 'hour'];

// What stands below a bar, in milliseconds of its begin; an hour says itself what it is.
const barTitles: Partial<Record<Grain, (time: number) => string>> = {
  month: (time) => formatMonth(monthOf(time)),
  day: (time) => formatDays(dayOf(time), dayOf(time)),
};

interface UsagePlotProps {
  points: UsagePoint[];
  shown: Shown;
  file: string; // what a file of it is called
}

export function UsagePlot({ points, shown, file }: UsagePlotProps) {
  const [chosen, setGrain] = useState<Grain>('day');
  const grains = GRAINS.filter((each) => each !== 'month' || !shown.isMonth);
  const grain = shown.isMonth && chosen === 'month' ? 'day' : chosen;
  const { start, end } = shown.period;
  const { times, connections } = usageSeries(points, shown.period, grain, Date.now());
  const total = totalConnections(points);
  return (
    <>
      <div class="figures">
        <Figure label={shown.title} value={formatInteger(total)} note="connections" />
        <Figure label={`Busiest ${grain}`} value={formatInteger(Math.max(0, ...connections))} note="connections" />
      </div>
      <div class="plot-head">
        <Segments label="A bar for each" value={grain} onChange={setGrain} options={grains.map((each) => [each, `By ${each}`])} />
        <Button onClick={() => download(`usage-${file}.csv`, usageCsv(points, grain))} label={`CSV, by ${grain}`}>CSV</Button>
      </div>
      <BarPlot times={times} connections={connections} total={total} grain={grain} key={`${start} ${end} ${grain} ${total}`} />
    </>
  );
}

function BarPlot({ times, connections, total, grain }: { times: number[]; connections: number[]; total: bigint; grain: Grain }) {
  const [series] = useState(() => [{ label: 'Connections', colour: '--here', values: connections, isBars: true }]);
  const [seconds] = useState(() => times.map((time) => time / 1000));
  return <Plot times={seconds} series={series} label={`Connections over time, ${formatInteger(total)} in all`} isUtc titleOf={barTitles[grain]} />;
}

function ProductTable({ account, points }: { account: string; points: UsagePoint[] }) {
  const products = useResource(account, (signal) => loadProducts(account, signal));
  const names = new Map(products.value?.map(({ name, displayName }) => [name, displayName]));
  return (
    <table class="rows">
      <thead><tr><th>Product</th><th class="number">Connections</th></tr></thead>
      <tbody>
        {byProduct(points).map(([product, connections]) => (
          <tr key={product}>
            <td><NamedLink to={{ page: 'product', account: accountIdOf(product), product: productIdOf(product), tab: 'usage' }} name={names.get(product)} id={productIdOf(product)} /></td>
            <td class="number">{formatInteger(connections)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
