/** What connect() returns. */
export interface Handle {
  /** Leaves the count and stops; the element keeps its last number. */
  close(): void;
}

/** What connect() takes. */
export interface Options {
  /** The product's API key. It is public: it stands in the page. */
  key: string;
  /** What is counted, 1 to 2,048 bytes. Default: `window.location.href`. */
  urlId?: string;
  /**
   * Who is counted, 1 to 256 bytes: every connection with the same presence ID counts once. Default: a
   * UUID that the tab keeps over reloads (in `sessionStorage`, where that is allowed).
   */
  pId?: string;
  /** False: shows the number without being part of it. Default: true. */
  impactsCount?: boolean;
  /** Writes the number; localisation is then yours. Default: `formatNumber`. */
  formatNumber?: (number: number) => string | number;
  /**
   * The gateways, as `host[:port]`; each try goes to one of them at random. The security is that of
   * the script, unless a host begins with `ws://` or `wss://`. Default: the script's own host.
   */
  hosts?: string[];
  /** Closes the counter when aborted. */
  signal?: AbortSignal;
}

/**
 * Shows in `element` how many are here now, live, until it is closed. Reconnects by itself and keeps
 * the last number meanwhile. Throws a TypeError where there is no element or no key.
 */
export function connect(element: Element | null, options: Options): Handle;

/**
 * `1,234` `10.2k` `5.1M`: in full below 10,000, then short with at most one decimal.
 * `locales` as in `Intl`; default: the visitor's.
 */
export function formatNumber(number: number, locales?: string | readonly string[]): string;

declare global {
  /** client.js, the classic script, sets these two; they are the same. */
  var watchly: { connect: typeof connect; formatNumber: typeof formatNumber };
  var livecounter: typeof watchly;
}
