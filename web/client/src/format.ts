// Numbers as the visitor's locale writes them (contract §6).

const FULL_BELOW = 10_000;

// In full below 10,000, then short with at most one decimal: 1,234 · 10.2k · 5.1M. English writes K for
// thousand; k is what people expect of a counter.
export function formatNumber(
  number: number,
  locales: string | readonly string[] | undefined = navigator.languages,
): string {
  const formatIn = (wanted?: string[]) =>
    new Intl.NumberFormat(wanted, number < FULL_BELOW ? {} : { notation: 'compact', maximumFractionDigits: 1 });
  let format;
  try {
    format = formatIn(locales as string[]);
  } catch {
    // No locale ("en_US"): the visitor's own is better than no number.
    format = formatIn();
  }
  const text = format.format(number);
  return /^en\b/.test(format.resolvedOptions().locale) ? text.replace('K', 'k') : text;
}

// JSON, or nothing: messages may become others than numbers one day.
export function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
