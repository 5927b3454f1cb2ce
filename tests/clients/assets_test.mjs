// The files that every gateway serves: the demo page and the browser client (web/assets.txt).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { get, request } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';

const WEB = new URL('../../web/', import.meta.url);
const assets = readFileSync(new URL('assets.txt', WEB), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#')).map((line) => line.split(/\s+/));

let server;
let base;
before(async () => {
  server = await startAllInOne();
  base = server.address.http;
});
after(() => server?.kill());

for (const [path, file, type] of assets) {
  it(`${path} is ${file}`, async () => {
    const answer = await get(base, path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'].replace('; ', ';'), type);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.ok(answer.headers['cache-control'], 'says how long it may be kept');
    assert.equal(answer.text, readFileSync(new URL(file, WEB), 'utf8'));
    const head = await request(base, path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers['content-length']],
      [200, '', answer.headers['content-length']]);
    assert.equal((await request(base, path, { method: 'POST' })).status, 405);
  });
}

it('the client may be loaded by pages of any origin', async () => {
  for (const path of ['/client.js', '/client.mjs']) {
    const { headers } = await get(base, path, { origin: 'https://shop.example' });
    assert.equal(headers['access-control-allow-origin'], '*');
  }
});
