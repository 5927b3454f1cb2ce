import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { badgeSnippet, hitSnippet, presenceSnippet, viewsSnippet } from './snippets.ts';

const EMBED = { edge: 'https://live.example', key: 'k1', urlId: '', isViewOnly: false, isVerified: false };

describe('the lines for a page', () => {
  it('say no more than is needed', () => {
    assert.equal(presenceSnippet(EMBED), `<script src="https://live.example/client.js" defer></script>
<p>People here now: <live-counter key="k1">–</live-counter></p>`);
  });

  it('say what is counted, that it only looks, and who the visitor is', () => {
    assert.match(presenceSnippet({ ...EMBED, urlId: 'product-17', isViewOnly: true, isVerified: true }), /<live-counter key="k1" url-id="product-17" view-only>/);
    assert.match(presenceSnippet({ ...EMBED, isVerified: true }), /<live-counter key="k1" p-id="YOUR-VISITORS-SESSION-ID">/);
  });

  it('cannot be broken out of', () => {
    assert.match(presenceSnippet({ ...EMBED, urlId: '"><script>&quot;' }), /url-id="&quot;>&lt;script>&amp;quot;">/);
  });
});

describe('the lines for a hit counter', () => {
  it('count a page’s views', () => {
    assert.equal(viewsSnippet('https://live.example', 'k1', 'front'), `<script src="https://live.example/client.js" defer></script>
<p>Views: <live-counter key="k1" counter="front" hit>–</live-counter></p>`);
  });

  it('encode its name', () => {
    assert.equal(badgeSnippet('https://live.example', 'k1', 'a b[1]'), '![a b1](https://live.example/counters/a%20b%5B1%5D/badge.svg?key=k1&label=a%20b%5B1%5D)');
    assert.equal(hitSnippet('https://live.example', 'k1', "it's"), "curl -X POST 'https://live.example/counters/it%27s/?key=k1'");
  });
});
