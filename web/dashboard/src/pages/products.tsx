// A customer's products, or everybody's, with what goes on in each now.
import { useState } from 'preact/hooks';
import { apiKeys, counters as counterService, loadProducts, products as service, type Counter, type Product } from '../api/services.ts';
import { accountIdOf, accountName, idFrom, idProblem, productIdOf, productName, productOf } from '../state/names.ts';
import { formatInteger, plural } from '../state/numbers.ts';
import { originsProblem, splitOrigins } from '../state/origins.ts';
import { busiest, totals, type Live } from '../state/live.ts';
import { sumRecent, type Recent } from '../state/recent.ts';
import { FormDialog } from '../ui/dialog.tsx';
import { Button, Empty, Field, LoadError, Loading } from '../ui/elements.tsx';
import { ExampleDataNotice } from '../ui/example_data.tsx';
import { useAction, usePolling, useRequestId, useResource, useTitle, type Resource } from '../ui/hooks.ts';
import { useLive } from '../ui/live.ts';
import { useRecent } from '../ui/recent.ts';
import { AccountLink } from '../ui/named_link.tsx';
import { Link, navigate } from '../ui/router.tsx';
import { useSession } from '../ui/session.tsx';
import { Sparkline } from '../ui/sparkline.tsx';

const SHOWN_AT_FIRST = 24;
const COUNTERS_OF_A_CARD = 40; // so that all cards fit into one stream
const SUMMED_IN_A_SPARKLINE = 3;
const LIST_AGAIN_MS = 10_000;

export function ProductsPage({ account }: { account: string }) {
  const { isOperator } = useSession();
  useTitle('Products');
  const list = useResource(account, (signal) => loadProducts(accountName(account), signal));
  const [isCreating, setCreating] = useState(false);
  const create = <Button kind="primary" onClick={() => setCreating(true)}>New product</Button>;
  return (
    <>
      <div class="title-row">
        <div>
          {isOperator && <p class="crumbs"><AccountLink account={account} to={{ page: 'account', account }} /></p>}
          <h1 tabIndex={-1}>Products</h1>
        </div>
        {list.value && list.value.length > 0 && create}
      </div>
      <ExampleDataNotice account={account} />
      <ProductGrid list={list} empty={(
        <Empty title="Nothing is counted yet." action={create}>A product is what you count on: a site, a shop, an app. It has keys of its own, and any number of counters.</Empty>
      )} />
      {isCreating && <CreateProduct account={account} onClose={() => setCreating(false)} />}
    </>
  );
}

export function AllProductsPage() {
  useTitle('Products');
  const list = useResource('all', (signal) => loadProducts('accounts/-', signal));
  return (
    <>
      <div class="title-row"><h1 tabIndex={-1}>Products of all accounts</h1></div>
      <ProductGrid list={list} showAccount empty={<Empty title="There are no products.">Accounts create their own; an account’s page has a button for it, too.</Empty>} />
    </>
  );
}

interface GridProps {
  list: Resource<Product[]>;
  empty: preact.ComponentChildren;
  showAccount?: boolean;
}

function ProductGrid({ list, empty, showAccount = false }: GridProps) {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  if (!list.value) return list.error ? <LoadError error={list.error} retry={list.reload} what="products" /> : <Loading lines={5} />;
  if (list.value.length === 0) return <>{empty}</>;
  return (
    <>
      <ProductCards products={list.value.slice(0, shown)} showAccount={showAccount} />
      {list.value.length > shown && (
        <p class="more"><Button onClick={() => setShown(shown + SHOWN_AT_FIRST)}>{`Show more of ${plural(list.value.length, 'product', 'products')}`}</Button></p>
      )}
    </>
  );
}

function ProductCards({ products, showAccount }: { products: Product[]; showAccount: boolean }) {
  const names = products.map(({ name = '' }) => name);
  const listed = useResource(names.join('\n'), (signal) => loadCounters(names, signal));
  usePolling(listed.reload, LIST_AGAIN_MS);
  const { counters, isLive } = useLive(listed.value?.counters ?? []);
  const byProduct = groupByProduct(counters);
  const leading = names.flatMap((name) => busiest(byProduct.get(name) ?? [], SUMMED_IN_A_SPARKLINE).map((live) => live.name));
  const recent = useRecent(leading.sort());
  return (
    <ul class="cards" data-live={isLive}>
      {products.map((product) => (
        <li key={product.name}>
          <ProductCard product={product} counters={byProduct.get(product.name ?? '') ?? []} recent={recent} isKnown={listed.value !== undefined}
            hasMore={listed.value?.hasMore.has(product.name ?? '') ?? false} showAccount={showAccount} />
        </li>
      ))}
    </ul>
  );
}

function groupByProduct(counters: Live[]): Map<string, Live[]> {
  const groups = new Map<string, Live[]>();
  for (const live of counters) groups.set(productOf(live.name), [...groups.get(productOf(live.name)) ?? [], live]);
  return groups;
}

interface Listed {
  counters: Counter[];
  hasMore: Set<string>; // products with more counters than a card adds up
}

async function loadCounters(names: string[], signal: AbortSignal): Promise<Listed> {
  const pages = await Promise.all(names.map((parent) => counterService.list({ parent, pageSize: COUNTERS_OF_A_CARD }, signal)));
  return {
    counters: pages.flatMap(({ counters = [] }) => counters),
    hasMore: new Set(names.filter((_, index) => pages[index]?.nextPageToken)),
  };
}

interface CardProps {
  product: Product;
  counters: Live[];
  recent: Recent;
  isKnown: boolean;
  hasMore: boolean;
  showAccount: boolean;
}

function ProductCard({ product, counters, recent, isKnown, hasMore, showAccount }: CardProps) {
  const { name = '', displayName } = product;
  const { present, hits } = totals(counters);
  const title = displayName || productIdOf(name);
  const sum = (value: bigint | number): string => (isKnown ? formatInteger(value) + (hasMore ? '+' : '') : '–');
  const values = sumRecent(recent, busiest(counters, SUMMED_IN_A_SPARKLINE));
  return (
    <Link to={{ page: 'product', account: accountIdOf(name), product: productIdOf(name), tab: 'live' }} class="card product-card">
      <span class="name">
        <strong>{title}</strong>
        <span class="id">{showAccount ? `${accountIdOf(name)} / ${productIdOf(name)}` : productIdOf(name)}</span>
      </span>
      <span class="figures">
        <span class="here"><b>{sum(present)}</b> here now</span>
        <span class="hits"><b>{sum(hits)}</b> hits</span>
      </span>
      <Sparkline values={values} label={`${title}: people at its busiest counters in the last hour`} />
    </Link>
  );
}

function CreateProduct({ account, onClose }: { account: string; onClose: () => void }) {
  const [title, setTitle] = useState('');
  const [site, setSite] = useState('');
  const [id, setId] = useState<string | undefined>();
  const origins = splitOrigins(site);
  const productId = id ?? idFrom(title);
  const requestId = useRequestId(title, productId, site);
  const create = useAction(async () => {
    const product = await service.create({
      parent: accountName(account), productId, requestId, product: { displayName: title, allowedOrigins: origins.length > 0 ? origins : ['*'] },
    });
    // A product without a key can do nothing, so it has one at once.
    await apiKeys.create({ parent: product.name ?? productName(account, productId), requestId: `${requestId}-key` });
    navigate({ page: 'product', account, product: productIdOf(product.name), tab: 'embed' });
  });
  return (
    <FormDialog title="New product" submit="Create" action={create} onClose={onClose} isReady={title.trim() !== '' && !idProblem(productId) && !originsProblem(origins)}>
      <Field label="Name" value={title} onInput={setTitle} hint="As you call it: The Shop, our blog." input={{ autofocus: true, autocomplete: 'off', name: 'title' }} />
      <Field label="Allowed origin" value={site} onInput={setSite} isCode problem={originsProblem(origins)} hint="Whose pages may use it. Any, where you leave it empty; the settings take more." input={{ autocomplete: 'off', placeholder: 'https://shop.example', inputMode: 'url' }} />
      <Field label="Id" value={productId} onInput={setId} isCode problem={idProblem(productId)} hint="Stands in addresses and the command line, and stays as it is." input={{ autocomplete: 'off', name: 'id' }} />
    </FormDialog>
  );
}
