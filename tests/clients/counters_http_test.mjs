// Hit counters over plain HTTP (contract §2), against the all-in-one program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GrpcPeer } from '../support/grpc.mjs';
import { exchangeRaw, get, hitsOf, post, request } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';

const folder = scratchFolder();
let server;
let base;
before(async () => {
  server = await startAllInOne({ folder });
  base = server.address.http;
});
after(() => server.kill());

const ORIGIN = { origin: 'https://shop.example' };
const assertCors = ({ headers }) =>
  assert.match(headers['access-control-allow-origin'] ?? 'none', /^(\*|https:\/\/shop\.example)$/);

describe('reading a counter', () => {
  it('is a line of text, cacheable for a second by shared caches', async () => {
    const answer = await get(base, '/counters/3/');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/plain/);
    assert.equal(answer.text, '0\n');
    assert.equal(answer.headers['cache-control'], 's-maxage=1');
    assert.match(answer.headers.vary, /\baccept\b/i);
  });

  it('is JSON for those who ask for it', async () => {
    await post(base, '/counters/4/');
    const answer = await get(base, '/counters/4/', { accept: 'application/json;q=0.9, text/html' });
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    const body = JSON.parse(answer.text);
    assert.deepEqual(Object.keys(body).sort(), ['id', 'revision', 'value']);
    assert.equal(body.id, '4');
    assert.equal(body.value, 1);
    assert.ok(Number.isInteger(body.revision));
    assert.match(answer.headers.vary, /\baccept\b/i);
  });

  it('has a higher revision after each change', async () => {
    const read = async () => JSON.parse((await get(base, '/counters/4/', { accept: 'application/json' })).text);
    const earlier = await read();
    await post(base, '/counters/4/');
    assert.ok((await read()).revision > earlier.revision);
  });

  it('with HEAD is the same head without the body', async () => {
    const [whole, head] = [await get(base, '/counters/3/'), await request(base, '/counters/3/', { method: 'HEAD' })];
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['content-type', 'content-length', 'cache-control', 'vary']) {
      assert.equal(head.headers[name], whole.headers[name], name);
    }
  });

  it('needs no final slash and does not redirect', async () => {
    assert.deepEqual((await get(base, '/counters/3')).text, '0\n');
    assert.equal((await post(base, '/counters/5')).status, 200);
    assert.equal(await hitsOf(base, 5), 1);
  });

  it('decodes the id once', async () => {
    assert.equal((await get(base, '/counters/%33/')).text, '0\n');
    assert.equal((await get(base, '/counters/%2533/')).status, 404);
  });
});

describe('the id of a counter', () => {
  let peer;
  let counters;
  before(async () => {
    const token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
    peer = new GrpcPeer(server.address.grpc, token);
    counters = await peer.service('livecounter.v1.CounterService');
  });
  after(() => peer?.close());

  const ids = ['Grüße 世界', 'a+b c', '50% off?', 'a#b&c=d', 'dot.html', '~', 'ü'.repeat(32), 'x'.repeat(64)];
  for (const id of ids) {
    it(`may be ${JSON.stringify(id)}, percent-encoded, with and without the final slash`, async () => {
      await counters.call('CreateCounter', { parent: 'accounts/demo/products/demo', counter_id: id, counter: {} });
      const encoded = encodeURIComponent(id);
      assert.equal((await post(base, `/counters/${encoded}/`)).text, '1\n');
      assert.equal((await post(base, `/counters/${encoded.replace(/%../g, (each) => each.toLowerCase())}`)).text, '2\n');
      const answer = await get(base, `/counters/${encoded}`, { accept: 'application/json' });
      const { id: shown, value } = JSON.parse(answer.text);
      assert.deepEqual([shown, value], [id, 2]);
    });
  }

  it('has 64 bytes at most, counted after decoding', async () => {
    for (const id of ['x'.repeat(65), `${'ü'.repeat(32)}x`]) {
      const answer = await get(base, `/counters/${encodeURIComponent(id)}/`);
      assert.equal(answer.status, 404);
      assert.match(answer.text, /1 to 64 bytes/);
    }
  });

  it('has no slash, no matter how it is written, and is UTF-8', async () => {
    for (const [path, why] of [['a/b', /no '\/'/], ['a%2Fb', /no '\/'/], ['2%2F', /no '\/'/], ['2%2fbadge.svg', /no '\/'/], ['%FF', /UTF-8/], ['%C3%28', /UTF-8/]]) {
      const answer = await post(base, `/counters/${path}/`);
      assert.equal(answer.status, 404, path);
      assert.match(JSON.parse(answer.text).detail, why);
    }
  });
});

describe('hitting a counter', () => {
  it('answers with the new value and a line feed', async () => {
    for (const value of [1, 2, 3]) {
      const answer = await post(base, '/counters/6/');
      assert.equal(answer.status, 200);
      assert.match(answer.headers['content-type'], /^text\/plain/);
      assert.equal(answer.text, `${value}\n`);
      assertCors(answer);
    }
  });

  it('gives n concurrent posts n consecutive values', async () => {
    const before = await hitsOf(base, 7);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => request(base, '/counters/7/', { method: 'POST', agent })));
    agent.destroy();
    const values = answers.map(({ text }) => Number(text)).sort((a, b) => a - b);
    assert.deepEqual(values, Array.from({ length: 500 }, (_, i) => before + i + 1));
    assert.equal(await hitsOf(base, 7), before + 500);
  });

  it('ignores a body up to 1 KiB and refuses a larger one', async () => {
    const before = await hitsOf(base, 8);
    assert.equal((await post(base, '/counters/8/', {}, 'x'.repeat(1024))).text, `${before + 1}\n`);
    const refused = await post(base, '/counters/8/', ORIGIN, 'x'.repeat(1025));
    assert.equal(refused.status, 413);
    assertCors(refused);
    assert.equal(await hitsOf(base, 8), before + 1);
  });

  it('takes a body in chunks as any other', async () => {
    const before = await hitsOf(base, 8);
    const send = (chunks) => exchangeRaw(base, 'POST /counters/8/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
      + `Transfer-Encoding: chunked\r\n\r\n${chunks}`);
    assert.match(await send('3\r\nabc\r\n0\r\n\r\n'), new RegExp(`^HTTP/1\\.1 200 [^]*\r\n\r\n${before + 1}\n$`));
    assert.match(await send('401\r\n'), /^HTTP\/1\.1 413 /);
    assert.equal(await hitsOf(base, 8), before + 1);
  });
});

describe('Idempotency-Key', () => {
  const hit = (key, id = 9) => post(base, `/counters/${id}/`, { 'idempotency-key': key });

  it('counts once however often it is repeated, with the same answer', async () => {
    const first = await hit('order-1');
    await hit('order-2');
    const again = await Promise.all(Array.from({ length: 20 }, () => hit('order-1')));
    for (const answer of again) assert.deepEqual([answer.status, answer.text], [200, first.text]);
    assert.equal(await hitsOf(base, 9), Number(first.text) + 1);
  });

  it('counts once when the first requests race', async () => {
    const before = await hitsOf(base, 9);
    const answers = await Promise.all(Array.from({ length: 20 }, () => hit('race')));
    assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set([`${before + 1}\n`]));
    assert.equal(await hitsOf(base, 9), before + 1);
  });

  it('takes 1 to 255 bytes', async () => {
    const before = await hitsOf(base, 9);
    assert.equal((await hit('k'.repeat(255))).status, 200);
    for (const key of ['', 'k'.repeat(256)]) {
      const answer = await post(base, '/counters/9/', { ...ORIGIN, 'idempotency-key': key });
      assert.equal(answer.status, 400, `${key.length} bytes`);
      assert.match(answer.text, /Idempotency-Key/i);
      assertCors(answer);
    }
    assert.equal(await hitsOf(base, 9), before + 1);
  });
});

describe('what is not there', () => {
  it('is 404 whatever the method, with CORS', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      for (const path of ['/counters/10/', '/counters/nothing/', '/counters/2/?key=nobody']) {
        const answer = await request(base, path, { method, headers: ORIGIN });
        assert.equal(answer.status, 404, `${method} ${path}`);
        assertCors(answer);
      }
    }
  });

  it('is 404 for event streams too', async () => {
    assert.equal((await get(base, '/counters/10/', { accept: 'text/event-stream' })).status, 404);
  });

  it('is an id that no counter can have', async () => {
    for (const path of ['/counters/', '/counters//', `/counters/${'x'.repeat(65)}/`, '/counters/a/b/']) {
      assert.equal((await get(base, path)).status, 404, path);
    }
  });

  it('is any other path', async () => {
    assert.equal((await get(base, '/nothing')).status, 404);
  });

  it('with the key of the product is there', async () => {
    assert.equal((await get(base, '/counters/3/?key=demo')).text, '0\n');
  });

  it('is everything without a key where no product is public', async (t) => {
    const closed = await startAllInOne({ flags: ['--public_product='] });
    t.after(() => closed.kill());
    assert.equal((await get(closed.address.http, '/counters/3/')).status, 404);
    assert.equal((await get(closed.address.http, '/counters/3/?key=demo')).text, '0\n');
  });
});

describe('methods', () => {
  it('others than OPTIONS, GET, HEAD and POST are 405 with Allow', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']) {
      const answer = await request(base, '/counters/2/', { method, headers: ORIGIN });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, 'OPTIONS, GET, HEAD, POST');
      assertCors(answer);
    }
  });

  it('OPTIONS answers a preflight', async () => {
    const answer = await request(base, '/counters/2/', {
      method: 'OPTIONS',
      headers: {
        ...ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key',
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assertCors(answer);
    assert.match(answer.headers['access-control-allow-methods'], /\bPOST\b/);
    assert.match(answer.headers['access-control-allow-headers'], /idempotency-key/i);
  });

  it('plain reading is allowed to other origins', async () => {
    assertCors(await get(base, '/counters/2/', ORIGIN));
  });
});

describe('CORS', () => {
  const errors = [
    [400, 'POST', '/counters/2/', { 'idempotency-key': 'k'.repeat(256) }],
    [400, 'GET', '/counters/2/?key=a&key=b'],
    [400, 'GET', '/counters/%zz/'],
    [400, 'GET', '/sub'],
    [401, 'GET', '/sub?urlId=a&pId=b&key=nobody'],
    [404, 'GET', '/nothing'],
    [404, 'GET', '/counters/none/', { accept: 'text/event-stream' }],
    [405, 'PUT', '/counters/2/'],
    [405, 'POST', '/sub?urlId=a&pId=b&key=demo'],
    [413, 'POST', '/counters/2/', { 'content-length': '1025' }],
    [414, 'GET', `/${'x'.repeat(8192)}`],
    [426, 'GET', '/sub?urlId=a&pId=b&key=demo'],
    [431, 'GET', '/counters/2/', { 'x-long': 'x'.repeat(17_000) }],
  ];
  for (const [status, method, path, headers] of errors) {
    it(`is on ${status} of ${method} ${path.slice(0, 30)}`, async () => {
      const sent = { host: 'live.example', connection: 'close', ...ORIGIN, ...headers };
      const lines = Object.entries(sent).map((line) => `${line.join(': ')}\r\n`);
      const answer = await exchangeRaw(base, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /^access-control-allow-origin: (\*|https:\/\/shop\.example)\r$/m);
      assert.match(answer, /^content-type: application\/problem\+json\r$/m);
    });
  }
});

describe('requests that are too large or malformed', () => {
  it('a request line over 8 KiB is 414', async () => {
    assert.equal((await get(base, `/counters/2/?x=${'x'.repeat(8192)}`)).status, 414);
  });

  it('headers over 16 KiB are 431', async () => {
    const answer = await exchangeRaw(base, `GET /counters/2/ HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(17_000)}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  it('a malformed percent-encoding is 400', async () => {
    const answer = await exchangeRaw(base, 'GET /counters/%zz/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 400 /);
  });

  it('an upgrade to a WebSocket, which a counter has not, is left alone', async () => {
    const answer = await exchangeRaw(base, 'GET /counters/3/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
      + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
      + 'GET /counters/3/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 [^]*text\/plain[^]*\r\n\r\n0\nHTTP\/1\.1 200 /);
  });

  it('HTTP/2 is not spoken', async () => {
    const preface = await exchangeRaw(base, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    assert.match(preface, /^HTTP\/1\.1 505 [^]*application\/problem\+json[^]*HTTP\/1\.1 and HTTP\/1\.0 are spoken here/);
    const upgrade = await exchangeRaw(base, 'GET /counters/2/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n'
      + 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n');
    assert.match(upgrade, /^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*without Upgrade: h2c/);
  });

  it('leave the server as it was', async () => {
    assert.equal((await get(base, '/counters/3/')).text, '0\n');
  });
});
