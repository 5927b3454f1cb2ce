// How numbers stand on the page.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadPage } from './testing/fake_browser.mjs';
import './testing/fake_clock.mjs';

describe('the number', () => {
  it('is shown formatted, and what is not a number is ignored', () => {
    const page = loadPage();
    page.connect();
    page.socket.say('1234');
    assert.equal(page.element.textContent, '1,234');
    for (const data of ['', ' ', 'NaN', '-1', '1.5', '1e999', 'null', 'true', '"7"', '[7]', '{"a":1}', new Blob(['5'])]) {
      page.socket.say(data);
      assert.equal(page.element.textContent, '1,234');
    }
  });

  it('can be formatted by the page, which then handles localization', () => {
    const page = loadPage();
    page.connect({ formatNumber: (number) => number + 'k' });
    page.socket.say('41000');
    assert.equal(page.element.textContent, '41000k');
    page.connect({ formatNumber: (number) => number + 1 });
    page.socket.say('41');
    assert.equal(page.element.textContent, '42');
  });

  it('can be written in a locale of the page\'s choice', () => {
    const page = loadPage();
    page.connect({ locale: 'de' });
    page.socket.say('1234');
    assert.equal(page.element.textContent, '1.234');
  });

  it('is written in the visitor\'s locale where the page\'s choice is none', () => {
    const page = loadPage();
    page.connect({ locale: 'en_US' });
    page.socket.say('1234');
    assert.match(page.element.textContent, /^1.?234$/);
  });

  it('is not written again when its text does not change', () => {
    const page = loadPage();
    let writes = 0;
    let text = '';
    Object.defineProperty(page.element, 'textContent', {
      get: () => text,
      set(value) {
        writes += 1;
        text = value;
      },
    });
    page.connect();
    for (const data of ['10210', '10220', '10220']) page.socket.say(data);
    assert.equal(text, '10.2k');
    assert.equal(writes, 1);
  });

  it('stays while the connection is away', () => {
    const page = loadPage();
    page.connect();
    page.socket.say('7');
    page.socket.end();
    assert.equal(page.element.textContent, '7');
  });
});

describe('a change of the number', () => {
  const animationsOf = (page, options) => {
    page.connect(options);
    for (const data of ['1', '2', '2', '3']) page.socket.say(data);
    return page.element.animations.length;
  };

  it('is animated, but not the first number, and not what stays', () => {
    assert.equal(animationsOf(loadPage()), 2);
  });

  it('is not, for those who prefer reduced motion', () => {
    assert.equal(animationsOf(loadPage({ prefersReducedMotion: true })), 0);
  });

  it('is not, where the page does not want it', () => {
    assert.equal(animationsOf(loadPage(), { animate: false }), 0);
  });
});

describe('formatNumber', () => {
  // Fixed: what the documents promise, and one line for each way that locales differ in.
  const cases = [
    ['en-US', 0, '0'], ['en-US', 1234, '1,234'], ['en-US', 9999, '9,999'], ['en-US', 10000, '10k'],
    ['en-US', 10200, '10.2k'], ['en-US', 500000, '500k'], ['en-US', 999949, '999.9k'],
    ['en-US', 999950, '1M'], ['en-US', 5100000, '5.1M'], ['en-GB', 10249, '10.2k'],
    ['en-US', 3210000000, '3.2B'], ['de-DE', 9999, '9.999'], ['de-DE', 5100000, '5,1\u00a0Mio.'],
    ['fr-FR', 1234, '1\u202f234'], ['fr-FR', 10200, '10,2\u00a0k'], ['ja-JP', 12000, '1.2万'],
    ['sv-SE', 10200, '10,2\u00a0tn'], ['nl', 10200, '10,2K'],
  ];
  for (const [locale, number, text] of cases) {
    it(`${number} in ${locale} is ${text}`, () => {
      assert.equal(loadPage().window.livecounter.formatNumber(number, locale), text);
      assert.equal(loadPage({ languages: [locale] }).window.livecounter.formatNumber(number), text);
    });
  }

  const numbers = [0, 7, 999, 1000, 1234, 9999, 10_000, 10_049, 10_200, 99_950, 123_456, 500_000, 999_949, 999_950,
    1_000_000, 5_100_000, 1_234_567_890, Number.MAX_SAFE_INTEGER];
  for (const locale of ['en-US', 'de', 'fr', 'ja', 'ar', 'hi', 'pt-BR']) {
    it(`in ${locale} is what Intl gives: in full below 10,000, then short`, () => {
      const full = new Intl.NumberFormat(locale);
      const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
      const { formatNumber } = loadPage({ languages: [locale] }).window.livecounter;
      for (const number of numbers) {
        const text = (number < 10_000 ? full : short).format(number);
        assert.equal(formatNumber(number), locale === 'en-US' ? text.replace('K', 'k') : text);
      }
    });
  }

  it('takes the first locale that it knows', () => {
    assert.equal(loadPage({ languages: ['tlh', 'de', 'en'] }).window.livecounter.formatNumber(1234), '1.234');
  });
});
