// The frame around all pages: who is signed in, where one is, and what to do when either is not known.
import { useEffect, useState } from 'preact/hooks';
import { isCode } from './api/connect.ts';
import { sessions } from './api/services.ts';
import type { Route } from './state/routes.ts';
import { AccountPage } from './pages/account.tsx';
import { AccountsPage } from './pages/accounts.tsx';
import { ProductPage } from './pages/product/product.tsx';
import { AllProductsPage, ProductsPage } from './pages/products.tsx';
import { SignInPage } from './pages/sign_in.tsx';
import { SystemPage } from './pages/system.tsx';
import { AllUsagePage, UsagePage } from './pages/usage.tsx';
import { Header } from './ui/header.tsx';
import { Empty, LoadError, Loading } from './ui/elements.tsx';
import { useResource, useTitle } from './ui/hooks.ts';
import { Link, navigate, useRoute } from './ui/router.tsx';
import { SessionContext, toSignedIn, useSession, whenSessionEnds, type SignedIn } from './ui/session.tsx';
import { Toasts } from './ui/toast.tsx';

export function App() {
  const session = useResource('session', async (signal) => {
    try {
      return toSignedIn(await sessions.get({}, signal));
    } catch (error) {
      if (isCode(error, 'unauthenticated')) return null;
      throw error;
    }
  });
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => whenSessionEnds(() => { setEnded(true); session.set(null); }), [session.set]);

  if (session.value === undefined) {
    return (
      <main class="alone">
        {session.error ? <LoadError error={session.error} retry={session.reload} what="dashboard" /> : <Loading what="Opening the dashboard" />}
      </main>
    );
  }
  const enter = (signedIn: SignedIn): void => { setEnded(false); session.set(signedIn); };
  if (session.value === null) return <><SignInPage hasEnded={hasEnded} onEnter={enter} /><Toasts /></>;
  const leave = (): void => { session.set(null); navigate({ page: 'home' }); };
  return (
    <SessionContext.Provider value={session.value}>
      <Shell onLeave={leave} />
    </SessionContext.Provider>
  );
}

function Shell({ onLeave }: { onLeave: () => void }) {
  const route = useRoute();
  return (
    <>
      <a class="skip" href="#content">Skip to the content</a>
      <Header route={route} onLeave={onLeave} />
      <main id="content" tabIndex={-1}><Page route={route} /></main>
      <Toasts />
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'home': return <Home />;
    case 'accounts': return <AccountsPage />;
    case 'all-products': return <AllProductsPage />;
    case 'all-usage': return <AllUsagePage />;
    case 'system': return <SystemPage />;
    case 'account': return <AccountPage account={route.account} key={route.account} />;
    case 'products': return <ProductsPage account={route.account} key={route.account} />;
    case 'usage': return <UsagePage account={route.account} key={route.account} />;
    case 'product': return <ProductPage account={route.account} product={route.product} tab={route.tab} key={`${route.account}/${route.product}`} />;
    default: return <NoSuchPage />;
  }
}

function NoSuchPage() {
  useTitle('No such page');
  return (
    <>
      <div class="title-row"><h1 tabIndex={-1}>There is no such page</h1></div>
      <Empty title="Nothing is here." action={<Link to={{ page: 'home' }} class="button plain">To the start</Link>}>The address may be misspelt, or the page has moved.</Empty>
    </>
  );
}

// An operator begins with the accounts, a customer with the products.
function Home() {
  const { isOperator, account } = useSession();
  useEffect(() => navigate(isOperator ? { page: 'accounts' } : { page: 'products', account }, { replace: true }), []);
  return <Loading />;
}
