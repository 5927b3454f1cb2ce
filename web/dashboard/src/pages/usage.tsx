// What an account used, and for operators what all of them did: what is billed.
import { useState } from 'preact/hooks';
import { accounts, allPages } from '../api/services.ts';
import { accountIdOf, accountName } from '../state/names.ts';
import { formatInteger } from '../state/numbers.ts';
import { formatMonth, monthOf, type Month } from '../state/times.ts';
import { billingCsv, totalConnections } from '../state/usage.ts';
import { download } from '../ui/download.ts';
import { Button, Empty, LoadError, Loading, Panel } from '../ui/elements.tsx';
import { useResource, useTitle } from '../ui/hooks.ts';
import { AccountLink, NamedLink } from '../ui/named_link.tsx';
import { useSession } from '../ui/session.tsx';
import { loadUsage, MonthChooser, UsageMonth } from '../ui/usage_month.tsx';

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
      <UsageMonth name={accountName(account)} />
    </>
  );
}

interface BillLine {
  account: string; // its id
  name: string | undefined;
  connections: bigint;
}

async function loadBill(month: Month, signal: AbortSignal): Promise<BillLine[]> {
  const all = await allPages((pageToken) => accounts.list({ pageSize: 1000, pageToken }, signal), (page) => page.accounts);
  const bill: BillLine[] = [];
  for (const { name = '', displayName } of all) {
    bill.push({ account: accountIdOf(name), name: displayName, connections: totalConnections(await loadUsage(name, month, signal)) });
  }
  return bill;
}

export function AllUsagePage() {
  useTitle('Usage');
  const [month, setMonth] = useState(monthOf(Date.now()));
  const bill = useResource(month, (signal) => loadBill(month, signal));
  const rows = bill.value ?? [];
  const saveCsv = (): void =>
    download(`usage-${month}.csv`, billingCsv(month, rows.map(({ account, connections }) => [account, connections])));
  return (
    <>
      <div class="title-row"><h1 tabIndex={-1}>Usage of all accounts</h1></div>
      <Panel title="Connections accepted" description="By account, in a month of UTC: what is billed."
        actions={<><MonthChooser month={month} onChange={setMonth} /><Button disabled={rows.length === 0} onClick={saveCsv}>CSV</Button></>}>
        {!bill.value
          ? bill.error ? <LoadError error={bill.error} retry={bill.reload} what="usage" /> : <Loading lines={5} />
          : rows.length === 0
            ? <Empty title="There are no accounts.">Customers sign up by themselves, or you create their accounts.</Empty>
            : (
              <table class="rows">
                <thead><tr><th>Account</th><th class="number">{formatMonth(month)}</th></tr></thead>
                <tbody>
                  {rows.map(({ account, name, connections }) => (
                    <tr key={account}>
                      <td><NamedLink to={{ page: 'usage', account }} name={name} id={account} /></td>
                      <td class="number">{formatInteger(connections)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
      </Panel>
    </>
  );
}
