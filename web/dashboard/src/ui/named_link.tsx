// Links to what people know by a name, with its id beside it.
import { accounts } from '../api/services.ts';
import { accountName } from '../state/names.ts';
import type { Route } from '../state/routes.ts';
import { useResource } from './hooks.ts';
import { Link } from './router.tsx';

export const NamedLink = ({ to, name, id }: { to: Route; name: string | undefined; id: string }) =>
  <><Link to={to}>{name || id}</Link>{name && name !== id && <> <span class="id">{id}</span></>}</>;

// For operators: whose page it is.
export function AccountLink({ account, to }: { account: string; to: Route }) {
  const name = accountName(account);
  const { value } = useResource(name, (signal) => accounts.get({ name }, signal));
  return <NamedLink to={to} name={value?.displayName} id={account} />;
}
