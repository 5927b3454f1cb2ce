// What stands above every page: where one can go, and out.
import { isCode } from '../api/connect.ts';
import { accounts, sessions } from '../api/services.ts';
import { accountName } from '../state/names.ts';
import type { Route } from '../state/routes.ts';
import { Button } from './elements.tsx';
import { useAction, useResource } from './hooks.ts';
import { Link } from './router.tsx';
import { useSession } from './session.tsx';
import { toast } from './toast.tsx';

export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="16" cy="16" r="13" />
    <circle class="core" cx="16" cy="16" r="5" />
  </svg>
);

interface Entry {
  title: string;
  to: Route;
  pages: Route['page'][]; // where it is shown as current
}

const operatorEntries: Entry[] = [
  { title: 'Accounts', to: { page: 'accounts' }, pages: ['accounts', 'account', 'products', 'usage'] },
  { title: 'Products', to: { page: 'all-products' }, pages: ['all-products', 'product'] },
  { title: 'Usage', to: { page: 'all-usage' }, pages: ['all-usage'] },
  { title: 'System', to: { page: 'system' }, pages: ['system'] },
];

const customerEntries = (account: string): Entry[] => [
  { title: 'Products', to: { page: 'products', account }, pages: ['products', 'product'] },
  { title: 'Usage', to: { page: 'usage', account }, pages: ['usage'] },
  { title: 'Account', to: { page: 'account', account }, pages: ['account'] },
];

export function Header({ route, onLeave }: { route: Route; onLeave: () => void }) {
  const { isOperator, account } = useSession();
  const own = useResource(account, async (signal) => (account ? accounts.get({ name: accountName(account) }, signal) : undefined));
  const leave = useAction(async () => {
    try {
      await sessions.signOut({});
    } catch (error) {
      // The operator's token has no session that could end; the console has forgotten it all the same.
      if (!isCode(error, 'failed_precondition') && !isCode(error, 'unauthenticated')) {
        toast('You are still signed in: the server could not be reached.');
        return;
      }
    }
    onLeave();
  });
  return (
    <header class="top">
      <div class="bar">
        <Link to={{ page: 'home' }} class="brand"><Mark />Live Counter</Link>
        <nav aria-label="Main">
          {(isOperator ? operatorEntries : customerEntries(account)).map(({ title, to, pages }) => (
            <Link key={title} to={to} isCurrent={pages.includes(route.page)}>{title}</Link>
          ))}
        </nav>
        <div class="who">
          <a href="/docs/">Docs</a>
          <span class="name">{isOperator ? 'Operator' : own.value?.displayName || account}</span>
          <Button kind="quiet" onClick={() => leave.run()} isBusy={leave.isBusy}>Sign out</Button>
        </div>
      </div>
    </header>
  );
}
