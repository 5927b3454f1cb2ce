// What an account used, and for operators what all of them did: what is billed.
import { accounts, allPages, type UsagePoint } from '../api/services.ts';
import { accountIdOf, accountName } from '../state/names.ts';
import { formatInteger } from '../state/numbers.ts';
import { billingCsv, byAccount, type Period } from '../state/usage.ts';
import { download } from '../ui/download.ts';
import { Button, Empty, LoadError, Loading } from '../ui/elements.tsx';
import { useResource, useTitle } from '../ui/hooks.ts';
import { AccountLink, NamedLink } from '../ui/named_link.tsx';
import { PeriodPanel, type Shown } from '../ui/period_panel.tsx';
import { useSession } from '../ui/session.tsx';
import { loadUsage, UsagePanel, UsagePlot } from '../ui/usage_panel.tsx';

export function UsagePage({ account }: { account: string }) {
  const { isOperator } = useSession();
  useTitle('Usage');
  return (
    <>
      <div class="title-row">
        <div>
          {isOperator && <p class="crumbs"><AccountLink account={account} to={{ page: 'account', account }} /></p>}
          <h1 tabIndex={-1}>Usage</h1>
        </div>
      </div>
      <UsagePanel name={accountName(account)} />
    </>
  );
}

interface Bill {
  points: UsagePoint[];
  names: Map<string, string | undefined>; // of accounts by their ids
}

async function loadBill(period: Period, signal: AbortSignal): Promise<Bill> {
  const [all, points] = await Promise.all([
    allPages((pageToken) => accounts.list({ pageSize: 1000, pageToken }, signal), (page) => page.accounts),
    loadUsage('accounts/-', period, signal),
  ]);
  return { points, names: new Map(all.map(({ name = '', displayName }) => [accountIdOf(name), displayName])) };
}

export function AllUsagePage() {
  useTitle('Usage');
  return (
    <>
      <div class="title-row"><h1 tabIndex={-1}>Usage of all accounts</h1></div>
      <PeriodPanel title="Connections accepted" description="What is billed, by account. Hours, days and months are those of UTC.">
        {(shown) => <BillOf shown={shown} />}
      </PeriodPanel>
    </>
  );
}

function BillOf({ shown }: { shown: Shown }) {
  const { period, title, file } = shown;
  const bill = useResource(`${period.start} ${period.end}`, (signal) => loadBill(period, signal));
  if (!bill.value) return bill.error ? <LoadError error={bill.error} retry={bill.reload} what="usage" /> : <Loading lines={8} />;
  const { points, names } = bill.value;
  const rows = byAccount(points, [...names.keys()]);
  if (rows.length === 0) return <Empty title="There are no accounts.">Customers sign up by themselves, or you create their accounts.</Empty>;
  const saveBill = (): void => download(`bill-${file}.csv`, billingCsv(points, [...names.keys()], period, Date.now()));
  return (
    <>
      {points.length > 0 && <UsagePlot points={points} shown={shown} file={file} />}
      <div class="plot-head">
        <h3>By account</h3>
        <Button onClick={saveBill} label="The bill as CSV, by account and month">Bill as CSV</Button>
      </div>
      <table class="rows">
        <thead><tr><th>Account</th><th class="number">{title}</th></tr></thead>
        <tbody>
          {rows.map(([account, connections]) => (
            <tr key={account}>
              <td><NamedLink to={{ page: 'usage', account }} name={names.get(account)} id={account} /></td>
              <td class="number">{formatInteger(connections)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
