// What one address, and one product, may have (contract §2, §3), behind a proxy that adds X-Forwarded-For.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { get, hitsOf, post, request } from '../support/http.mjs';
import { runToEnd, startAllInOne } from '../support/programs.mjs';
import { Socket } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';

const SUB = '/sub?urlId=limits&key=demo&pId=me';
const from = (address, more) => ({ 'x-forwarded-for': address, ...more });
const stream = (address) => from(address, { accept: 'text/event-stream' });

async function rejected({ address }, reason) {
  const { text } = await get(address.metrics, '/metrics');
  return Number(new RegExp(`^livecounter_gateway_rejected_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)[1]);
}

describe('connections of one address', () => {
  let server;
  let base;
  before(async () => {
    server = await startAllInOne({
      flags: ['--max_connections_per_ip=3', '--trusted_proxies=127.0.0.0/8,::1', '--threads=4'],
    });
    base = server.address.http;
  });
  after(() => server.kill());

  const connect = (address) => new Socket(base, SUB, { headers: from(address) });
  const open = (address) => connect(address).opened();
  const closeAll = (sockets) => Promise.all(sockets.map((socket) => socket.close()));

  it('are so many and no more, over all loops, whatever a client writes itself', async () => {
    const sockets = [];
    for (let i = 0; i < 3; i++) sockets.push(await open(`203.0.113.${i}, 198.51.100.1`));
    for (let i = 0; i < 8; i++) {
      const { status, headers, text } = await connect(`203.0.113.${i}, 198.51.100.1`).refused();
      assert.equal(status, 429);
      assert.match(headers['retry-after'], /^[1-5]$/);
      assert.match(headers['content-type'], /^application\/problem\+json/);
      assert.match(JSON.parse(text).detail, /as many connections here as one may have/);
    }
    assert.ok(await rejected(server, 'address_connections') >= 8);
    const other = await open('198.51.100.2');
    await closeAll([...sockets, other]);
  });

  it('tell an EventSource to come back, and refuse a plain request', async () => {
    const sockets = [];
    for (let i = 0; i < 3; i++) sockets.push(await open('198.51.100.3'));
    for (const path of [SUB, '/watch?urlId=limits&key=demo', '/counters/2/']) {
      const refused = await get(base, path, stream('198.51.100.3'));
      assert.equal(refused.status, 200, path);
      assert.match(refused.headers['content-type'], /^text\/event-stream/);
      assert.match(refused.text, /^retry: [1-5]\d{3}\n\n$/);
    }
    assert.equal((await get(base, SUB, from('198.51.100.3'))).status, 429);
    assert.equal((await get(base, '/counters/2/', from('198.51.100.3'))).status, 200);
    await closeAll(sockets);
  });

  it('are free again when they have gone', async () => {
    const first = await Promise.all([open('198.51.100.4'), open('198.51.100.4'), open('198.51.100.4')]);
    await first[0].lose();
    await until(async () => (await get(base, SUB, from('198.51.100.4'))).status === 426, 3000);
    const fourth = await open('198.51.100.4');
    await closeAll([...first, fourth]);
  });

  it('of IPv6 count by /64', async () => {
    const sockets = [await open('2001:db8::1'), await open('[2001:db8::2]'), await open('[2001:db8::3]:4711')];
    const { status } = await connect('2001:db8::ffff:4').refused();
    assert.equal(status, 429);
    sockets.push(await open('2001:db8:0:1::1'));
    await closeAll(sockets);
  });
});

describe('X-Forwarded-For of somebody who is no trusted proxy', () => {
  it('is not believed', async () => {
    const server = await startAllInOne({ flags: ['--max_connections_per_ip=1', '--trusted_proxies=192.0.2.0/24'] });
    try {
      await new Socket(server.address.http, SUB, { headers: from('198.51.100.1') }).opened();
      const { status } = await new Socket(server.address.http, SUB, { headers: from('198.51.100.2') }).refused();
      assert.equal(status, 429);
    } finally {
      await server.kill();
    }
  });
});

describe('a gateway that may open few files', () => {
  const FILES = 400;
  let server;
  before(async () => {
    server = await startAllInOne({ surrounding: ['prlimit', `--nofile=${FILES}:${FILES}`] });
  });
  after(() => server.kill());

  it('takes fewer streams, says so in its log, and to clients when it is full', async () => {
    const { wanted, taken, help } = server.logged().find(({ event }) => event === 'max_connections_lowered');
    assert.equal(wanted, 18_000);
    assert.ok(taken > FILES / 4 && taken < FILES, `${taken}`);
    assert.match(help, /LimitNOFILE.*--max_connections/);
    const base = server.address.http;
    const sockets = Array.from({ length: taken }, () => new Socket(base, SUB));
    await Promise.all(sockets.map((socket) => socket.opened()));
    const { status, headers } = await new Socket(base, SUB).refused();
    assert.equal(status, 503);
    assert.match(headers['retry-after'], /^[1-5]$/);
    assert.match((await get(base, SUB, { accept: 'text/event-stream' })).text, /^retry: [1-5]\d{3}\n\n$/);
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

describe('a bad limit', () => {
  it('is told with 2, and what it takes', async () => {
    for (const [flag, takes] of [['trusted_proxies=10.0.0.0/33', /"10\.0\.0\.0\/33" needs a prefix length of 0 to 32/],
      ['trusted_proxies=proxy.example', /as 10\.0\.0\.0\/8,.*no IP address/], ['max_connections_per_ip=-1', /0 or more/],
      ['max_hits_per_second=-1', /0\.001 to 1000000/], ['max_hits_per_second_per_ip=nan', /0\.001 to 1000000/],
      ['max_hits_burst=-1', /0 to 1000000/]]) {
      const { code, stderr } = await runToEnd('livecounter', [`--${flag}`]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, takes);
    }
  });
});

describe('hits of one address and of one product', () => {
  let server;
  let base;
  before(async () => {
    server = await startAllInOne({
      flags: ['--max_hits_per_second_per_ip=0.1', '--max_hits_burst_per_ip=3', '--max_hits_per_second=0.1',
        '--max_hits_burst=10', '--trusted_proxies=127.0.0.1', '--threads=4'],
    });
    base = server.address.http;
  });
  after(() => server.kill());

  it('are a burst and then a rate; what is refused is not counted', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(base, '/counters/2/', from('198.51.100.1'))));
    const refused = answers.filter(({ status }) => status !== 200);
    assert.equal(refused.length, 9);
    for (const { status, headers, text } of refused) {
      assert.equal(status, 429);
      assert.match(headers['retry-after'], /^([1-9]|10)$/);
      assert.equal(headers['access-control-allow-origin'], '*');
      assert.match(JSON.parse(text).detail, /^Your address sends more hits than one may\. The hit was not counted\./);
    }
    assert.equal(await hitsOf(base, 2), 3);
    assert.equal(await rejected(server, 'rate_limit'), 9);
    assert.equal((await request(base, '/counters/2/', { headers: from('198.51.100.1') })).status, 200);
  });

  it('of the product come from all addresses', async () => {
    const posts = Array.from({ length: 20 }, (_, i) => post(base, '/counters/3/', from(`198.51.100.${100 + i}`)));
    const refused = (await Promise.all(posts)).filter(({ status }) => status === 429);
    assert.equal(await hitsOf(base, 3), 20 - refused.length);
    assert.ok(refused.length === 13 || refused.length === 12, `${refused.length} were refused`);
    assert.match(JSON.parse(refused[0].text).detail, /^The product gets more hits/);
  });
});
