// How a number stands on the page.

import { formatNumber } from './format';
import type { CommonOptions } from '../client.d.mts';

const enum Ms {
  Change = 300,
}

// Ignores what is no number of a counter.
export type Show = (number: unknown) => void;

// Writes numbers into `element`, and lets one that takes the place of another rise into it; `onText` gets what
// is there.
export function showIn(element: Element, options: CommonOptions, onText?: (text: string) => void): Show {
  const format = options.formatNumber ?? ((number: number) => formatNumber(number, options.locale));
  let isFirst = true;
  return (number) => {
    if (!Number.isInteger(number) || (number as number) < 0) return;
    const text = String(format(number as number));
    if (element.textContent !== text) {
      element.textContent = text;
      if (!isFirst && options.animate !== false && !matchMedia('(prefers-reduced-motion)').matches) {
        element.animate({ opacity: [0.2, 1], translate: ['0 .3em', '0'] }, Ms.Change);
      }
    }
    isFirst = false;
    onText?.(text);
  };
}
