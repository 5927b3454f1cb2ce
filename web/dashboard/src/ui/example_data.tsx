// Says what an inactive account is, wherever its numbers stand.
import { accounts } from '../api/services.ts';
import { accountName } from '../state/names.ts';
import { Button, Failure, Notice } from './elements.tsx';
import { useAction, usePolling, useResource } from './hooks.ts';
import { useSession } from './session.tsx';
import { toast } from './toast.tsx';

const LOOK_AGAIN_MS = 5000;

export function ExampleDataNotice({ account }: { account: string }) {
  const { isOperator } = useSession();
  const name = accountName(account);
  const { value, reload, set } = useResource(name, (signal) => accounts.get({ name }, signal));
  usePolling(reload, LOOK_AGAIN_MS);
  const activate = useAction(async () => {
    set(await accounts.activate({ name }));
    toast(`${account} is active: its numbers are real from now on.`);
  });
  if (value?.state !== 'INACTIVE') return null;
  return (
    <Notice tone="warning" title="Pages show example data"
      actions={isOperator ? <Button kind="primary" onClick={() => activate.run()} isBusy={activate.isBusy}>Activate</Button> : undefined}>
      {isOperator
        ? 'This account is not active: its pages show plausible numbers that nobody changes, and count nothing. Connections are metered all the same.'
        : 'Your account is not active yet, so your pages show plausible numbers that nobody changes, and count nothing. Set up and try everything meanwhile; the operator of this server activates accounts. Connections are metered all the same.'}
      <Failure error={activate.error} />
    </Notice>
  );
}
