// Says what an inactive account is, wherever its numbers stand.
import { accounts } from '../api/services.ts';
import { accountName } from '../state/names.ts';
import { Button, Failure, Notice } from './elements.tsx';
import { useAction, usePolling, useResource } from './hooks.ts';
import { useSession } from './session.tsx';
import { toast } from './toast.tsx';

const LOOK_AGAIN_MS = 5000;

export const INACTIVE_TITLE = 'Inactive: pages show example data';

const EXAMPLE_DATA = 'show plausible numbers that nobody changes, and their hits are not counted. Connections are metered all the same.';

export const inactiveText = (isOperator: boolean): string => (isOperator
  ? `Pages of this account ${EXAMPLE_DATA}`
  : `Your pages ${EXAMPLE_DATA} Set up and try everything meanwhile; the operator of this server activates accounts.`);

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
    <Notice tone="warning" title={INACTIVE_TITLE}
      actions={isOperator ? <Button kind="primary" onClick={() => activate.run()} isBusy={activate.isBusy}>Activate</Button> : undefined}>
      {inactiveText(isOperator)}
      <Failure error={activate.error} />
    </Notice>
  );
}
