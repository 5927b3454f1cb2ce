// A counter's badge (contract §2), against the all-in-one program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GrpcPeer } from '../support/grpc.mjs';
import { get, post, request } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';

const folder = scratchFolder();
let server;
let base;
let peer;
let counters;
before(async () => {
  server = await startAllInOne({ folder });
  base = server.address.http;
  const token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
  peer = new GrpcPeer(server.address.grpc, token);
  counters = await peer.service('livecounter.v1.CounterService');
});
after(() => {
  peer?.close();
  return server.kill();
});

const setHits = (id, hits) =>
  counters.call('SetCounter', { name: `accounts/demo/products/demo/counters/${id}`, hits });
const textsOf = (svg) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const numberOf = (svg, pattern) => Number(pattern.exec(svg)[1]);

describe('a badge', () => {
  it('is an image with a label and the number of hits, cacheable, for everybody', async () => {
    await post(base, '/counters/3/');
    const { status, headers, text } = await get(base, '/counters/3/badge.svg', { origin: 'https://blog.example' });
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^image\/svg\+xml/);
    assert.equal(headers['cache-control'], 's-maxage=1');
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.deepEqual(textsOf(text), ['hits', '1']);
    assert.match(text, /role="img" aria-label="hits: 1"/);
  });

  it('has the short number that the browser client shows', async () => {
    for (const [hits, shown] of [[1234, '1,234'], [9999, '9,999'], [10_249, '10.2k'], [500_000, '500k'],
      [999_950, '1M'], [5_100_000, '5.1M'], ['9223372036854775807', '9,223,372T']]) {
      await setHits(4, hits);
      await until(async () => (await get(base, '/counters/4/')).text === `${hits}\n`, 2000);
      assert.deepEqual(textsOf((await get(base, '/counters/4/badge.svg')).text), ['hits', shown]);
    }
  });

  it('has the label and the color that it is asked for, and room for the label', async () => {
    const draw = async (label) =>
      (await get(base, `/counters/5/badge.svg?color=c0ffee&label=${encodeURIComponent(label)}`)).text;
    const [short, long] = [await draw('i'), await draw('Besucher in dieser Woche')];
    assert.match(long, /fill="#c0ffee"/);
    assert.deepEqual(textsOf(long), ['Besucher in dieser Woche', '0']);
    const [shortWidth, longWidth] = [short, long].map((svg) => numberOf(svg, /<svg [^>]*width="(\d+)"/));
    assert.ok(shortWidth < 40 && longWidth > 150 && longWidth < 240, `${shortWidth}, ${longWidth}`);
    assert.ok(numberOf(long, /textLength="(\d+)"/) < longWidth);
  });

  it('holds no markup of the one who asks', async () => {
    const label = encodeURIComponent('"/><script>alert(1)</script>&');
    const { text } = await get(base, `/counters/5/badge.svg?label=${label}`);
    assert.doesNotMatch(text, /<script/);
    assert.deepEqual(textsOf(text)[0], '&quot;/&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
  });

  it('says what is wrong with a parameter', async () => {
    for (const [query, why] of [['label=', /label.*is empty.*1 to 128 bytes/], ['label=%00', /./],
      ['label=a%0Ab', /control character/], ['label=%FF', /UTF-8/], ['color=%3Cscript%3E', /color.*hexadecimal/],
      ['label=a&label=b', /twice/]]) {
      const { status, headers, text } = await get(base, `/counters/5/badge.svg?${query}`);
      assert.equal(status, 400, query);
      assert.match(headers['content-type'], /^application\/problem\+json/);
      assert.match(JSON.parse(text).detail, why);
      assert.doesNotMatch(text, /script/);
    }
  });

  it('answers HEAD and OPTIONS, no other method, and not for a counter that is not there', async () => {
    const ask = (method, url = '/counters/5/badge.svg') => request(base, url, { method });
    const head = await ask('HEAD');
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.match(head.headers['content-type'], /^image\/svg\+xml/);
    assert.equal((await ask('OPTIONS')).status, 204);
    const refused = await ask('POST');
    assert.deepEqual([refused.status, refused.headers.allow], [405, 'OPTIONS, GET, HEAD']);
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      assert.equal((await ask(method, '/counters/nope/badge.svg')).status, 404);
    }
  });
});
