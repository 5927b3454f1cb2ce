// One account: a customer's own, or any for operators.
import { useState } from 'preact/hooks';
import { isCode } from '../api/connect.ts';
import { accounts as service, type Account } from '../api/services.ts';
import { accountName } from '../state/names.ts';
import { formatDateTime } from '../state/times.ts';
import { ConfirmByTyping } from '../ui/dialog.tsx';
import { Button, Failure, Field, LoadError, Loading, Notice, Panel, Switch } from '../ui/elements.tsx';
import { INACTIVE_TITLE, inactiveText } from '../ui/example_data.tsx';
import { useAction, useResource, useTitle } from '../ui/hooks.ts';
import { Link, navigate } from '../ui/router.tsx';
import { useSession } from '../ui/session.tsx';
import { toast } from '../ui/toast.tsx';
import { passwordProblem } from './sign_in.tsx';

interface PartProps {
  account: Account;
  onChanged: (account: Account) => void;
  onStale: () => void;
}

export function AccountPage({ account }: { account: string }) {
  const { isOperator } = useSession();
  const name = accountName(account);
  const resource = useResource(name, (signal) => service.get({ name }, signal));
  const title = resource.value?.displayName || account;
  useTitle(title);
  return (
    <>
      <div class="title-row">
        <div>
          {isOperator && <p class="crumbs"><Link to={{ page: 'accounts' }}>Accounts</Link></p>}
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {isOperator && (
          <div class="actions">
            <Link class="button plain" to={{ page: 'products', account }}>Products</Link>
            <Link class="button plain" to={{ page: 'usage', account }}>Usage</Link>
          </div>
        )}
      </div>
      {resource.value
        ? <Parts account={resource.value} id={account} onChanged={resource.set} onStale={resource.reload} />
        : resource.error ? <LoadError error={resource.error} retry={resource.reload} what="account" wayOut={<Link class="button plain" to={{ page: 'home' }}>To the start</Link>} /> : <Loading lines={6} />}
    </>
  );
}

function Parts({ id, ...props }: PartProps & { id: string }) {
  const { isOperator } = useSession();
  return (
    <>
      <State {...props} id={id} isOperator={isOperator} />
      <Profile {...props} key={props.account.etag} />
      <Password name={props.account.name ?? ''} isOwn={!isOperator} />
      {isOperator && <Danger {...props} id={id} />}
    </>
  );
}

function State({ account, id, isOperator, onChanged }: PartProps & { id: string; isOperator: boolean }) {
  const name = account.name ?? '';
  const isActive = account.state === 'ACTIVE';
  const toggle = useAction(async () => {
    onChanged(isActive ? await service.deactivate({ name }) : await service.activate({ name }));
    toast(isActive ? `${id} is inactive: its pages show example data from now on.` : `${id} is active: its numbers are real from now on.`);
  });
  return (
    <Notice tone={isActive ? 'good' : 'warning'} title={isActive ? 'Active' : INACTIVE_TITLE}
      actions={isOperator ? <Button kind={isActive ? 'quiet danger' : 'primary'} onClick={() => toggle.run()} isBusy={toggle.isBusy}>{isActive ? 'Deactivate' : 'Activate'}</Button> : undefined}>
      {isActive ? 'The numbers of this account are real.' : inactiveText(isOperator)}
      <Failure error={toggle.error} />
    </Notice>
  );
}

function Profile({ account, onChanged, onStale }: PartProps) {
  const [displayName, setDisplayName] = useState(account.displayName ?? '');
  const [email, setEmail] = useState(account.email ?? '');
  const save = useAction(async () => {
    onChanged(await service.update({ account: { name: account.name ?? '', etag: account.etag ?? '', displayName, email }, updateMask: 'displayName,email' }));
    toast('Saved.');
  });
  return (
    <Panel title="Profile" description={<>Id <code>{account.name?.split('/')[1]}</code>, since {formatDateTime(account.createTime)}.</>}>
      <form onSubmit={(event) => { event.preventDefault(); save.run(); }}>
        <div class="row">
          <Field label="Name" value={displayName} onInput={setDisplayName} input={{ autocomplete: 'organization' }} />
          <Field label="E-mail" type="email" value={email} onInput={setEmail} hint="To sign in with." input={{ autocomplete: 'email' }} />
        </div>
        {isCode(save.error, 'aborted')
          ? <Notice tone="warning" isAlert actions={<Button onClick={onStale}>Load again</Button>}>Somebody changed this account since you opened it.</Notice>
          : <Failure error={save.error} />}
        <div class="actions"><Button type="submit" kind="primary" isBusy={save.isBusy}>Save</Button></div>
      </form>
    </Panel>
  );
}

function Password({ name, isOwn }: { name: string; isOwn: boolean }) {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const problem = passwordProblem(newPassword);
  const set = useAction(async () => {
    await service.setPassword(isOwn ? { currentPassword, newPassword } : { name, newPassword });
    setCurrent('');
    setNew('');
    toast('The password is set; other sessions have ended.');
  });
  return (
    <Panel title="Password" description={isOwn ? 'A new one ends your other sessions.' : 'Set a new one where a customer forgot theirs; it ends all sessions of the account.'}>
      <form onSubmit={(event) => { event.preventDefault(); set.run(); }}>
        <div class="row">
          {isOwn && <Field label="Current password" type="password" value={currentPassword} onInput={setCurrent} input={{ autocomplete: 'current-password' }} />}
          <Field label="New password" type="password" value={newPassword} onInput={setNew} problem={problem} input={{ autocomplete: 'new-password' }} />
        </div>
        {isOwn && isCode(set.error, 'unauthenticated') ? <Notice tone="bad" isAlert>The current password is another.</Notice> : <Failure error={set.error} />}
        <div class="actions"><Button type="submit" kind="primary" isBusy={set.isBusy} disabled={!newPassword || problem !== undefined || (isOwn && !currentPassword)}>Set password</Button></div>
      </form>
    </Panel>
  );
}

function Danger({ account, id }: PartProps & { id: string }) {
  const [isAsking, setAsking] = useState(false);
  const [force, setForce] = useState(false);
  const remove = useAction(async () => {
    await service.delete({ name: account.name ?? '', etag: account.etag ?? '', force });
    toast(`The account ${id} is deleted.`);
    navigate({ page: 'accounts' });
  });
  return (
    <Panel title="Delete this account" description="Refused while it has products, unless they are to go, too." actions={<Button kind="danger" onClick={() => setAsking(true)}>Delete …</Button>}>
      {isAsking && (
        <ConfirmByTyping title={`Delete ${id}?`} submit="Delete for ever" word={id} action={remove} onClose={() => setAsking(false)}>
          <p>Its sessions end, and nobody signs in to it again. This cannot be undone.</p>
          <Switch label="Its products too" hint="With their keys, their counters and their history." isOn={force} onChange={setForce} />
        </ConfirmByTyping>
      )}
    </Panel>
  );
}
