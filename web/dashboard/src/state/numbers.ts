// Numbers as people read them. Hits have 64 bits: they come as strings and are kept as bigint.

const full = new Intl.NumberFormat();
const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

export const toBigInt = (text: string | undefined): bigint => BigInt(text || '0');

export const formatInteger = (value: bigint | number): string => full.format(value);
export const formatDecimal = (value: number): string => oneDecimal.format(value);
// For axes and tight places.
export const formatCompact = (value: bigint | number): string => compact.format(value);

export const plural = (count: bigint | number, one: string, many: string): string =>
  `${formatInteger(count)} ${BigInt(count) === 1n ? one : many}`;

const MAX_HITS = 2n ** 63n - 1n;

// A total that a person typed, grouped or not: "12,345"; undefined where it is none.
export function parseTotal(text: string): bigint | undefined {
  const digits = text.replace(/[\s,.'’_\u00a0\u202f]/g, '');
  if (!/^\d{1,19}$/.test(digits)) return undefined;
  const value = BigInt(digits);
  return value <= MAX_HITS ? value : undefined;
}
