// One product: what all its pages have above them, and which of them is shown.
import { useEffect, useRef } from 'preact/hooks';
import { isCode } from '../../api/connect.ts';
import { products as service, type Product } from '../../api/services.ts';
import { productName } from '../../state/names.ts';
import { PRODUCT_TABS, type ProductTab, type Route } from '../../state/routes.ts';
import { LoadError, Loading } from '../../ui/elements.tsx';
import { ExampleDataNotice } from '../../ui/example_data.tsx';
import { useResource, useTitle } from '../../ui/hooks.ts';
import { AccountLink } from '../../ui/named_link.tsx';
import { Link } from '../../ui/router.tsx';
import { useSession } from '../../ui/session.tsx';
import { CountersTab } from './counters.tsx';
import { EmbedTab } from './embed.tsx';
import { KeysTab } from './keys.tsx';
import { LiveTab } from './live.tsx';
import { SettingsTab } from './settings.tsx';
import { UsageTab } from './usage.tsx';
import { VerificationTab } from './verification.tsx';

const TAB_TITLES: Record<ProductTab, string> = {
  live: 'Live', counters: 'Hit counters', embed: 'Embed', keys: 'API keys', verification: 'Verification', settings: 'Settings', usage: 'Usage',
};

export interface TabProps {
  product: Product;
  onChanged: (product: Product) => void;
  onStale: () => void; // somebody else changed it: load it again
}

export function ProductPage({ account, product, tab }: { account: string; product: string; tab: ProductTab }) {
  const name = productName(account, product);
  const resource = useResource(name, (signal) => service.get({ name }, signal));
  const { isOperator } = useSession();
  const isGone = isCode(resource.error, 'not_found');
  const toProducts: Route = { page: 'products', account };
  const title = resource.value?.displayName || product;
  useTitle(`${TAB_TITLES[tab]} · ${title}`);
  const tabs = useRef<HTMLElement>(null);
  // On a phone there is room for some of the tabs.
  useEffect(() => tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' }), [tab]);
  return (
    <>
      <div class="title-row">
        <div>
          <p class="crumbs">{isOperator ? <AccountLink account={account} to={toProducts} /> : <Link to={toProducts}>Products</Link>}</p>
          <h1 tabIndex={-1}>{title}</h1>
        </div>
      </div>
      {!isGone && (
        <nav class="tabs" aria-label="Product" ref={tabs}>
          {PRODUCT_TABS.map((key) => (
            <Link key={key} to={{ page: 'product', account, product, tab: key }} isCurrent={key === tab}>{TAB_TITLES[key]}</Link>
          ))}
        </nav>
      )}
      <ExampleDataNotice account={account} />
      {resource.value && !isGone
        ? <Tab tab={tab} product={resource.value} onChanged={resource.set} onStale={resource.reload} />
        : resource.error
          ? <LoadError error={resource.error} retry={resource.reload} what="product" wayOut={<Link class="button plain" to={toProducts}>To the products</Link>} />
          : <Loading lines={6} />}
    </>
  );
}

function Tab({ tab, ...props }: TabProps & { tab: ProductTab }) {
  switch (tab) {
    case 'live': return <LiveTab {...props} />;
    case 'counters': return <CountersTab {...props} />;
    case 'embed': return <EmbedTab {...props} />;
    case 'keys': return <KeysTab {...props} />;
    case 'verification': return <VerificationTab {...props} />;
    case 'settings': return <SettingsTab {...props} />;
    case 'usage': return <UsageTab {...props} />;
  }
}
