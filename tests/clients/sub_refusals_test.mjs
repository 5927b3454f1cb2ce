// What /sub refuses before the upgrade, and what it does not mind (contract §3).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { get, request } from '../support/http.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { Socket } from '../support/socket.mjs';
import { within } from '../support/wait.mjs';

let server;
let base;
before(async () => {
  server = await startAllInOne();
  base = server.address.http;
});
after(() => server.kill());

// Refused the same way as a WebSocket and as an event stream, and nothing is upgraded first.
async function assertRefused(path, status, named) {
  const socket = new Socket(base, path);
  const refusals = [await socket.refused(), await get(base, path, { accept: 'text/event-stream' })];
  for (const { status: got, headers, text } of refusals) {
    assert.equal(got, status, `${path}: ${text}`);
    assert.match(headers['content-type'], /^application\/problem\+json/);
    const problem = JSON.parse(text);
    assert.equal(problem.status, status);
    assert.match(JSON.stringify(problem), named);
  }
}

const LONGEST = 'u'.repeat(2048);

describe('a bad parameter is 400 and named', () => {
  const cases = [
    ['no urlId', '/sub?key=demo&pId=me', /urlId/],
    ['an empty urlId', '/sub?urlId=&key=demo&pId=me', /urlId/],
    ['a urlId of 2,049 bytes', `/sub?urlId=${LONGEST}x&key=demo&pId=me`, /urlId/],
    ['a urlId of 2,049 bytes after decoding', `/sub?urlId=${'%C3%BC'.repeat(1024)}x&key=demo&pId=me`, /urlId/],
    ['two urlIds', '/sub?urlId=a&urlId=b&key=demo&pId=me', /urlId/],
    ['a urlId that is not UTF-8', '/sub?urlId=%FF&key=demo&pId=me', /urlId/],
    ['half an escape in urlId', '/sub?urlId=50%&key=demo&pId=me', /urlId/],
    ['a NUL in urlId', '/sub?urlId=a%00b&key=demo&pId=me', /urlId/],
    ['no pId', '/sub?urlId=a&key=demo', /pId/],
    ['an empty pId', '/sub?urlId=a&key=demo&pId=', /pId/],
    ['a pId of 257 bytes', `/sub?urlId=a&key=demo&pId=${'p'.repeat(257)}`, /pId/],
    ['a pId of 257 bytes after decoding', `/sub?urlId=a&key=demo&pId=${'%C3%BC'.repeat(128)}x`, /pId/],
    ['two pIds', '/sub?urlId=a&key=demo&pId=a&pId=a', /pId/],
    ['a pId that is not UTF-8', '/sub?urlId=a&key=demo&pId=%C3%28', /pId/],
    ['no key', '/sub?urlId=a&pId=me', /key/],
    ['an empty key', '/sub?urlId=a&key=&pId=me', /key/],
    ['a key of 65 bytes', `/sub?urlId=a&key=${'k'.repeat(65)}&pId=me`, /key/],
    ['a key that is not UTF-8', '/sub?urlId=a&key=%FF&pId=me', /key/],
    ['two keys', '/sub?urlId=a&key=demo&key=demo&pId=me', /key/],
    ['i=x', '/sub?urlId=a&key=demo&pId=me&i=x', /\bi\b/],
    ['an empty i', '/sub?urlId=a&key=demo&pId=me&i=', /\bi\b/],
    ['two i', '/sub?urlId=a&key=demo&pId=me&i=t&i=t', /\bi\b/],
    ['i=true', '/sub?urlId=a&key=demo&pId=me&i=true', /\bi\b/],
    ['nothing at all', '/sub', /urlId|key|pId/],
  ];
  for (const [name, path, named] of cases) it(name, () => assertRefused(path, 400, named));
});

describe('an unknown key is 401', () => {
  const cases = [['a short one', 'nobody'], ['the longest', 'k'.repeat(64)], ['one in any script', '%E4%B8%96']];
  for (const [name, key] of cases) it(name, () => assertRefused(`/sub?urlId=a&key=${key}&pId=me`, 401, /key/));
});

it('neither an upgrade nor an event stream is 426', async () => {
  const answer = await get(base, '/sub?urlId=a&key=demo&pId=me');
  assert.equal(answer.status, 426);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
});

it('another method is 405', async () => {
  const answer = await request(base, '/sub?urlId=a&key=demo&pId=me', { method: 'POST' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'OPTIONS, GET, HEAD');
});

describe('what is accepted', () => {
  const cases = [
    ['the longest urlId, pId', `/sub?urlId=${LONGEST}&key=demo&pId=${'p'.repeat(256)}`],
    ['bytes counted after decoding', `/sub?urlId=${'%C3%BC'.repeat(1024)}&key=demo&pId=me`],
    ['a whole URL, percent-encoded', '/sub?urlId=http%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d%23e&key=demo&pId=me'],
    ['i=t', '/sub?urlId=a&key=demo&pId=me&i=t'],
    ['unknown parameters', '/sub?urlId=a&key=demo&pId=me&v=2&v=3&_=&x'],
    ['unknown parameters that are malformed', '/sub?urlId=a&key=demo&pId=me&utm=100%&%zz=1&n=%00'],
    ['any order', '/sub?pId=me&i=t&key=demo&urlId=a'],
  ];
  for (const [name, path] of cases) {
    it(name, async () => {
      const socket = new Socket(base, path);
      await socket.untilValue(1);
      await socket.close();
    });
  }
});

describe('frames from the client', () => {
  const open = () => new Socket(base, '/sub?urlId=frames&key=demo&pId=me').opened();

  it('are ignored up to 1 KiB in total', async () => {
    const socket = await open();
    for (let i = 0; i < 4; i++) socket.ws.send('x'.repeat(256));
    const other = await new Socket(base, '/sub?urlId=frames&key=demo&pId=other').opened();
    await socket.untilValue(2);
    await socket.close();
    await other.close();
  });

  it('beyond that close with 1009', async () => {
    const socket = await open();
    for (let i = 0; i < 5; i++) socket.ws.send('x'.repeat(256));
    assert.equal((await within(3000, socket.closed, 'closed')).code, 1009);
  });

  it('a large one closes with 1009', async () => {
    const socket = await open();
    socket.ws.send('x'.repeat(100_000));
    assert.equal((await within(3000, socket.closed, 'closed')).code, 1009);
  });

  it('pings are answered', async () => {
    const socket = await open();
    const pong = new Promise((resolve) => socket.ws.on('pong', (data) => resolve(data.toString())));
    socket.ws.ping('hello');
    assert.equal(await within(2000, pong, 'pong'), 'hello');
    await socket.close();
  });
});

describe('a process that is full', () => {
  let full;
  let viewers;
  const path = (pId) => `/sub?urlId=full&key=demo&pId=${pId}`;
  before(async () => {
    full = await startAllInOne({ flags: ['--max_connections=2'] });
    viewers = await Promise.all(['a', 'b'].map((pId) => new Socket(full.address.http, path(pId)).opened()));
  });
  after(() => full?.kill());

  it('refuses a WebSocket with 503 and Retry-After', async () => {
    const { status, headers, text } = await new Socket(full.address.http, path('c')).refused();
    assert.equal(status, 503);
    assert.match(headers['retry-after'], /^\d+$/);
    assert.equal(JSON.parse(text).status, 503);
  });

  it('sends an event stream away with a hint, since an EventSource gives up on any other status', async () => {
    for (const resource of [path('c'), '/counters/2/']) {
      const stream = await EventStream.open(full.address.http, resource);
      assert.equal(stream.status, 200);
      assert.match(stream.headers['content-type'], /^text\/event-stream/);
      await within(2000, stream.closed, 'closed');
      assert.ok(stream.retry >= 1000, `retry: ${stream.retry}`);
      assert.deepEqual(stream.events, []);
    }
  });

  it('goes on answering plain requests, and takes the next when one has left', async () => {
    assert.equal((await get(full.address.http, '/counters/2/')).text, '0\n');
    await viewers[0].close();
    const next = await new Socket(full.address.http, path('c')).opened();
    await next.untilValue(2);
  });
});
