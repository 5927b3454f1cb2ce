// Live Counter in the browser: numbers on a page that show what is now. This file is the library's contract;
// its source is checked against it.

/** What connect() returns. */
export interface Handle {
  /** Leaves the count and stops; the element keeps its last number. */
  close(): void;
}

/** Options of both kinds of counter. */
export interface CommonOptions {
  /** Writes the number; localisation is then yours. Default: `formatNumber`. */
  formatNumber?: ((number: number) => string | number) | undefined;
  /** How numbers are written, as in `Intl`. Default: the visitor's own locale. */
  locale?: string | readonly string[] | undefined;
  /**
   * False: a new number takes the place of the old one at once. By default it moves in, for 0.3 s, unless
   * the visitor prefers reduced motion.
   */
  animate?: boolean | undefined;
  /**
   * The gateways, as `host[:port]`; each try goes to one of them at random. The security is that of the
   * script, unless a host begins with `ws://`, `wss://`, `http://` or `https://`. Default: the script's own
   * host.
   */
  hosts?: readonly string[] | undefined;
  /** Closes the counter when aborted. */
  signal?: AbortSignal | undefined;
}

/** A presence counter: how many are here now. */
export interface PresenceOptions extends CommonOptions {
  /** The product's API key. It is public: it stands in the page. */
  key: string;
  /** What is counted, 1 to 2,048 bytes. Default: `window.location.href`. */
  urlId?: string | undefined;
  /**
   * Who is counted, 1 to 256 bytes: every connection with the same presence ID counts once. Default: a UUID
   * that the tab keeps over reloads (in `sessionStorage`, where that is allowed).
   */
  pId?: string | undefined;
  /** False: shows the number without being part of it. Default: true. */
  impactsCount?: boolean | undefined;
  counter?: undefined;
  hit?: undefined;
}

/** A hit counter: how often something happened. */
export interface HitOptions extends CommonOptions {
  /** The counter's id, 1 to 64 bytes. */
  counter: string;
  /**
   * True: counts this page load, once for each counter, when the number as it was is there. Default: false,
   * it is only shown.
   */
  hit?: boolean | undefined;
  /** The product's API key. Default: none, the deployment's public product. */
  key?: string | undefined;
}

export type Options = PresenceOptions | HitOptions;

/**
 * Shows a number in `element`, live, until it is closed. Reconnects by itself and keeps the last number
 * meanwhile. Throws a TypeError where there is no element, or no key for a presence counter.
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

  interface HTMLElementTagNameMap {
    /** A counter in HTML alone; README.md has its attributes. */
    'live-counter': HTMLElement;
  }
}
