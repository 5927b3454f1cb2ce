// The dashboard's own paths. Each ends with a slash: what looks like a file, the console takes for one.

export const PRODUCT_TABS = ['live', 'counters', 'embed', 'keys', 'verification', 'settings', 'usage'] as const;
export type ProductTab = typeof PRODUCT_TABS[number];

export type Route =
  | { page: 'home' }
  | { page: 'accounts' }
  | { page: 'all-products' }
  | { page: 'system' }
  | { page: 'all-usage' }
  | { page: 'account'; account: string }
  | { page: 'products'; account: string }
  | { page: 'usage'; account: string }
  | { page: 'product'; account: string; product: string; tab: ProductTab }
  | { page: 'unknown' };

const isTab = (text: string | undefined): text is ProductTab => (PRODUCT_TABS as readonly (string | undefined)[]).includes(text);

export function routeOf(path: string): Route {
  const [first, account, second, product, tab, ...more] = path.split('/').filter(Boolean).map(decode);
  if (more.length > 0) return { page: 'unknown' };
  if (first === undefined) return { page: 'home' };
  if (account === undefined) return topRoute(first);
  if (first !== 'accounts') return { page: 'unknown' };
  if (second === undefined) return { page: 'account', account };
  if (second === 'usage' && product === undefined) return { page: 'usage', account };
  if (second !== 'products') return { page: 'unknown' };
  if (product === undefined) return { page: 'products', account };
  if (tab !== undefined && !isTab(tab)) return { page: 'unknown' };
  return { page: 'product', account, product, tab: tab ?? 'live' };
}

function topRoute(first: string): Route {
  switch (first) {
    case 'accounts': return { page: 'accounts' };
    case 'products': return { page: 'all-products' };
    case 'usage': return { page: 'all-usage' };
    case 'system': return { page: 'system' };
    default: return { page: 'unknown' };
  }
}

export function pathOf(route: Route): string {
  switch (route.page) {
    case 'home': return '/';
    case 'accounts': return '/accounts/';
    case 'all-products': return '/products/';
    case 'all-usage': return '/usage/';
    case 'system': return '/system/';
    case 'account': return `/accounts/${encodeURIComponent(route.account)}/`;
    case 'products': return `/accounts/${encodeURIComponent(route.account)}/products/`;
    case 'usage': return `/accounts/${encodeURIComponent(route.account)}/usage/`;
    case 'product':
      return `/accounts/${encodeURIComponent(route.account)}/products/${encodeURIComponent(route.product)}/${route.tab}/`;
    default: return '/';
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
