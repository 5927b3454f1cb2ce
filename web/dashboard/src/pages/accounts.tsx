// For operators: all accounts, who may count and who does not yet.
import { useState } from 'preact/hooks';
import { accounts as service, allPages, type Account } from '../api/services.ts';
import { accountIdOf, idFrom, idProblem } from '../state/names.ts';
import { formatAgo, formatDateTime } from '../state/times.ts';
import { FormDialog } from '../ui/dialog.tsx';
import { Button, Empty, Field, LoadError, Loading, Segments, Tag } from '../ui/elements.tsx';
import { useAction, useRequestId, useResource, useTitle } from '../ui/hooks.ts';
import { NamedLink } from '../ui/named_link.tsx';
import { navigate } from '../ui/router.tsx';
import { toast } from '../ui/toast.tsx';

type Filter = 'all' | 'ACTIVE' | 'INACTIVE';

export function AccountsPage() {
  useTitle('Accounts');
  const list = useResource('accounts', (signal) => allPages((pageToken) => service.list({ pageSize: 1000, pageToken }, signal), (page) => page.accounts));
  const [filter, setFilter] = useState<Filter>('all');
  const [isCreating, setCreating] = useState(false);
  const create = <Button kind="primary" onClick={() => setCreating(true)}>New account</Button>;
  const shown = (list.value ?? []).filter(({ state }) => filter === 'all' || state === filter);
  const change = (changed: Account): void => list.set((list.value ?? []).map((each) => (each.name === changed.name ? changed : each)));
  return (
    <>
      <div class="title-row"><h1 tabIndex={-1}>Accounts</h1>{create}</div>
      <Segments label="Which accounts" value={filter} onChange={setFilter} options={[['all', 'All'], ['INACTIVE', 'Inactive'], ['ACTIVE', 'Active']]} />
      {!list.value
        ? list.error ? <LoadError error={list.error} retry={list.reload} what="accounts" /> : <Loading lines={5} />
        : shown.length === 0
          ? <Empty title={filter === 'all' ? 'There are no accounts.' : 'None are so.'}>Customers sign up by themselves, or you create their accounts.</Empty>
          : <AccountTable accounts={shown} onChanged={change} />}
      {isCreating && <CreateAccount onClose={() => setCreating(false)} />}
    </>
  );
}

const AccountTable = ({ accounts, onChanged }: { accounts: Account[]; onChanged: (account: Account) => void }) => (
  <div class="scroll panel flush" tabIndex={0} role="region" aria-label="Accounts">
    <table class="rows">
      <thead><tr><th>Account</th><th>State</th><th class="wide">E-mail</th><th class="wide">Created</th><th><span class="unseen">Actions</span></th></tr></thead>
      <tbody>{accounts.map((account) => <AccountRow key={account.name} account={account} onChanged={onChanged} />)}</tbody>
    </table>
  </div>
);

function AccountRow({ account, onChanged }: { account: Account; onChanged: (account: Account) => void }) {
  const { name = '', displayName, email, state, createTime = '' } = account;
  const id = accountIdOf(name);
  const isActive = state === 'ACTIVE';
  const toggle = useAction(async () => {
    onChanged(isActive ? await service.deactivate({ name }) : await service.activate({ name }));
    toast(isActive ? `${id} is inactive: its pages show example data from now on.` : `${id} is active: its numbers are real from now on.`);
  });
  return (
    <tr>
      <td><NamedLink to={{ page: 'account', account: id }} name={displayName} id={id} /></td>
      <td>{isActive ? <Tag tone="good">active</Tag> : <Tag tone="warning">inactive</Tag>}</td>
      <td class="wide">{email || <span class="none">–</span>}</td>
      <td class="wide" title={formatDateTime(createTime)}>{createTime && formatAgo(createTime, Date.now())}</td>
      <td class="actions">
        <Button kind={isActive ? 'quiet danger' : 'plain'} label={`${isActive ? 'Deactivate' : 'Activate'} ${id}`} isBusy={toggle.isBusy} onClick={() => toggle.run()}>{isActive ? 'Deactivate' : 'Activate'}</Button>
      </td>
    </tr>
  );
}

function CreateAccount({ onClose }: { onClose: () => void }) {
  const [displayName, setDisplayName] = useState('');
  const [id, setId] = useState<string | undefined>();
  const [email, setEmail] = useState('');
  const accountId = id ?? idFrom(displayName);
  const requestId = useRequestId(accountId, displayName, email);
  const create = useAction(async () => {
    const account = await service.create({ accountId, requestId, account: { displayName, email } });
    toast('The account is there, inactive until you activate it.');
    navigate({ page: 'account', account: accountIdOf(account.name) });
  });
  return (
    <FormDialog title="New account" submit="Create" action={create} onClose={onClose} isReady={idProblem(accountId) === undefined}>
      <Field label="Name" value={displayName} onInput={setDisplayName} input={{ autofocus: true, autocomplete: 'off' }} />
      <Field label="Id" value={accountId} onInput={setId} isCode problem={idProblem(accountId)} hint="Made up where you leave it empty." input={{ autocomplete: 'off' }} />
      <Field label="E-mail" type="email" value={email} onInput={setEmail} hint="Who may sign in, once a password is set. May stay empty." input={{ autocomplete: 'off' }} />
    </FormDialog>
  );
}
