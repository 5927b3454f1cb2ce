// <live-counter>: a number in HTML alone.

import { connectTo } from './connect';
import { showIn } from './view';
import type { Handle, Options } from '../client.d.mts';

const NAME = 'live-counter';
const ATTRIBUTES = ['key', 'api-key', 'url-id', 'p-id', 'view-only', 'counter', 'hit', 'hosts', 'locale'];

// The page's own styles go before these. The number has room from the start, so that nothing moves when it comes.
const STYLE =
  ':host(:not([hidden])){display:inline-block;min-width:2ch;font-variant-numeric:tabular-nums}' +
  'span{position:absolute;clip-path:inset(50%)}';

// Screen readers are told what has come of a number, not each change.
const enum Ms {
  Tell = 10_000,
}

export function defineElement(): void {
  // Not in Node, and not twice.
  if (!globalThis.customElements || customElements.get(NAME)) return;
  customElements.define(
    NAME,
    class extends HTMLElement {
      static observedAttributes = ATTRIBUTES;

      #update = bringToLife(this);

      connectedCallback(): void {
        queueMicrotask(this.#update);
      }
      disconnectedCallback(): void {
        queueMicrotask(this.#update);
      }
      attributeChangedCallback(): void {
        queueMicrotask(this.#update);
      }
    },
  );
}

// Returns what makes the counter that its attributes ask for, while it is in a document. What was moved, or
// got several attributes, is made anew once, or not at all.
function bringToLife(element: HTMLElement): () => void {
  const tell = addRegion(element);
  let made: string | false = false;
  let handle: Handle | undefined;
  return () => {
    const options = optionsOf(element);
    const wanted = element.isConnected && JSON.stringify(options);
    if (wanted === made) return;
    made = wanted;
    handle?.close();
    if (made) handle = connectTo(showIn(element, options, tell), options, true);
  };
}

function optionsOf(element: Element): Options {
  const [key, apiKey, urlId, pId, viewOnly, counter, hit, hosts, locale] =
    ATTRIBUTES.map((name) => element.getAttribute(name) ?? undefined);
  return {
    key: apiKey ?? key, // frameworks keep `key` to themselves
    urlId,
    pId,
    impactsCount: viewOnly === undefined,
    counter,
    hit: hit !== undefined,
    hosts: hosts?.match(/[^\s,]+/g) ?? undefined,
    locale,
  } as Options;
}

// Of all elements; made with the first.
let sheet: CSSStyleSheet | undefined;

// The number stands in the element itself, which is for the eyes; screen readers have another of their own.
// Returns what tells it: the first is there without a word, those that follow are spoken now and then.
// The numbers of a list stay silent.
function addRegion(element: HTMLElement): (text: string) => void {
  // Closed, so that the page finds in the element the number alone.
  const root = element.attachShadow({ mode: 'closed' });
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  root.adoptedStyleSheets = [sheet];
  const seen = document.createElement('slot');
  seen.setAttribute('aria-hidden', 'true');
  const spoken = document.createElement('span');
  // The space without width makes it as high without a number as with one.
  root.append('\u200b', seen, spoken);

  let newest: string;
  let timer = 0;
  return (text) => {
    newest = text;
    // Live well before its text changes: what becomes live and changes at once is not spoken.
    if (spoken.textContent) spoken.setAttribute('aria-live', element.hasAttribute('view-only') ? 'off' : 'polite');
    else spoken.textContent = text;
    timer ||= setTimeout(() => {
      timer = 0;
      // The same text again might be spoken again.
      if (spoken.textContent !== newest) spoken.textContent = newest;
    }, Ms.Tell);
  };
}
