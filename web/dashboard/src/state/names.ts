// Resource names: accounts/{account}/products/{product}/counters/{counter}, the last part percent-encoded.

export const accountName = (account: string): string => `accounts/${account}`;
export const productName = (account: string, product: string): string => `accounts/${account}/products/${product}`;
export const counterName = (product: string, id: string): string => `${product}/counters/${encodeURIComponent(id)}`;

const partAfter = (name: string, collection: string): string =>
  new RegExp(`(?:^|/)${collection}/([^/]*)`).exec(name)?.[1] ?? '';

export const accountIdOf = (name = ''): string => partAfter(name, 'accounts');
export const productIdOf = (name = ''): string => partAfter(name, 'products');
export const productOf = (name = ''): string => productName(accountIdOf(name), productIdOf(name));
export const keyIdOf = (name = ''): string => partAfter(name, 'keys');

// The decoded id of a counter.
export function counterIdOf(name = ''): string {
  const encoded = partAfter(name, 'counters');
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const ID_FORM = /^[A-Za-z0-9\-_.~]{1,64}$/;

// What is wrong with an id of an account, product or key that a person typed; nothing where it may be so.
export function idProblem(id: string): string | undefined {
  if (id === '' || ID_FORM.test(id)) return undefined;
  return 'Up to 64 letters, digits, hyphens, dots, underscores or tildes.';
}

// An id made of what people call a thing: "The Shop!" → "the-shop".
export const idFrom = (title: string): string =>
  title.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase()
    .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40);
