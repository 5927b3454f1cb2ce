// Connections accepted in a month, of an account or of one product: plot, sums, CSV.
import { useState } from 'preact/hooks';
import { loadProducts, products as service, type UsagePoint } from '../api/services.ts';
import { accountIdOf, productIdOf } from '../state/names.ts';
import { formatInteger } from '../state/numbers.ts';
import { addMonths, formatMonth, monthOf, monthStart, type Month } from '../state/times.ts';
import { byProduct, totalConnections, usageCsv, usageSeries, type Grain } from '../state/usage.ts';
import { download } from './download.ts';
import { Button, Empty, Figure, LoadError, Loading, Panel, Segments } from './elements.tsx';
import { useResource } from './hooks.ts';
import { NamedLink } from './named_link.tsx';
import { Plot } from './plot.tsx';

export const loadUsage = async (name: string, month: Month, signal: AbortSignal): Promise<UsagePoint[]> => {
  const endTime = new Date(monthStart(addMonths(month, 1))).toISOString();
  const { points = [] } = await service.usage({ name, startTime: new Date(monthStart(month)).toISOString(), endTime }, signal);
  return points;
};

export function MonthChooser({ month, onChange }: { month: Month; onChange: (month: Month) => void }) {
  return (
    <div class="months">
      <Button kind="quiet" label="The month before" onClick={() => onChange(addMonths(month, -1))}>←</Button>
      <strong aria-live="polite">{formatMonth(month)}</strong>
      <Button kind="quiet" label="The month after" disabled={month >= monthOf(Date.now())} onClick={() => onChange(addMonths(month, 1))}>→</Button>
    </div>
  );
}

export function UsageMonth({ name }: { name: string }) {
  const [month, setMonth] = useState(monthOf(Date.now()));
  const [grain, setGrain] = useState<Grain>('day');
  const usage = useResource(`${name} ${month}`, (signal) => loadUsage(name, month, signal));
  const points = usage.value ?? [];
  const saveCsv = (): void =>
    download(`usage-${[accountIdOf(name), productIdOf(name), month].filter(Boolean).join('-')}.csv`, usageCsv(points));
  return (
    <Panel title="Connections accepted" description="Every accepted WebSocket and event stream, view-only ones too: the billing figure. Hours, days and months are those of UTC."
      actions={<><MonthChooser month={month} onChange={setMonth} /><Button onClick={saveCsv} disabled={points.length === 0}>CSV</Button></>}>
      {!usage.value
        ? usage.error ? <LoadError error={usage.error} retry={usage.reload} what="usage" /> : <Loading lines={8} />
        : points.length === 0
          ? <Empty title="No connections in this month.">Each page that shows a number of this account adds one.</Empty>
          : <MonthPlot name={name} points={points} month={month} grain={grain} onGrain={setGrain} />}
    </Panel>
  );
}

interface MonthPlotProps {
  name: string;
  points: UsagePoint[];
  month: Month;
  grain: Grain;
  onGrain: (grain: Grain) => void;
}

function MonthPlot({ name, points, month, grain, onGrain }: MonthPlotProps) {
  const { times, connections } = usageSeries(points, month, grain, Date.now());
  const total = totalConnections(points);
  return (
    <>
      <div class="figures">
        <Figure label={formatMonth(month)} value={formatInteger(total)} note="connections" />
        <Figure label={grain === 'day' ? 'Busiest day' : 'Busiest hour'} value={formatInteger(Math.max(0, ...connections))} note="connections" />
      </div>
      <Segments label="A bar for each" value={grain} onChange={onGrain} options={[['day', 'By day'], ['hour', 'By hour']]} />
      <BarPlot times={times} connections={connections} total={total} key={`${month} ${grain} ${total}`} />
      {productIdOf(name) === '' && <ProductTable account={name} points={points} />}
    </>
  );
}

function BarPlot({ times, connections, total }: { times: number[]; connections: number[]; total: bigint }) {
  const [series] = useState(() => [{ label: 'Connections', colour: '--here', values: connections, isBars: true }]);
  const [seconds] = useState(() => times.map((time) => time / 1000));
  return <Plot times={seconds} series={series} label={`Connections over the month, ${formatInteger(total)} in all`} isUtc />;
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
