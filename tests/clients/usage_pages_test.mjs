// The billing figure of a large account, a hundred products that were used in every hour of a month, read to its end
// as its readers do: the console, a page at a time, and livecounterctl (contract §5).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GrpcPeer } from '../support/grpc.mjs';
import { request } from '../support/http.mjs';
import { Cluster, runToEnd } from '../support/programs.mjs';
import { within } from '../support/wait.mjs';

const PRODUCTS = 100;
const HOURS = 744;
const HOUR_S = 3600;
const POINTS_OF_A_PAGE = 10_000;
const ENTRIES_OF_A_FRAME = 4000;
const GRPC_MAX_BYTES = 4 << 20;

// The last hours before this one.
const end = HOUR_S * Math.floor(Date.now() / (1000 * HOUR_S));
const start = end - HOURS * HOUR_S;
const iso = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

const usage = Array.from({ length: PRODUCTS * HOURS }, (_, i) => {
  const product = Math.floor(i / HOURS);
  const hour = i % HOURS;
  return {
    product: `accounts/large/products/one-of-a-large-shop-${String(product).padStart(3, '0')}`,
    hour: start + hour * HOUR_S,
    connections: 1 + (product * 31 + hour * 7) % 1000,
  };
});

// Tells counterd of it as a gateway does, in numbered batches.
async function count(cluster, entries) {
  const token = readFileSync(path.join(cluster.folder, 'edge-token'), 'utf8').trim();
  const peer = new GrpcPeer(cluster.edge, token);
  const { client, metadata } = await peer.service('livecounter.v1.EdgeService');
  const call = client.Attach(metadata);
  const frames = call[Symbol.asyncIterator]();
  const frame = async (isWanted) => {
    for (;;) {
      const { value, done } = await within(10_000, frames.next(), 'a frame of counterd');
      assert.ok(!done, 'the stream goes on');
      if (isWanted(value)) return;
    }
  };
  call.write({ hello: { holder: Buffer.alloc(16, 7), stream: 1 } });
  await frame(({ welcome }) => welcome);
  call.write({ resend_begin: true, resend_end: true });
  for (let number = 1; entries.length > 0; number++) {
    call.write({ usage: { number, entries: entries.slice(0, ENTRIES_OF_A_FRAME) } });
    entries = entries.slice(ENTRIES_OF_A_FRAME);
    await frame(({ usage_counted: counted }) => counted === number);
  }
  call.on('error', () => {}); // that it was cancelled
  call.cancel();
  peer.close();
}

describe('the usage of a hundred products in every hour of a month', () => {
  let cluster;
  before(async () => {
    cluster = await Cluster.start({ gateways: 1 });
    await ctl('account', 'create', 'large');
    await count(cluster, usage);
  });
  after(() => cluster?.kill());

  async function ctl(...words) {
    const { code, stdout, stderr } = await runToEnd('livecounterctl', words,
      { HOME: cluster.folder, LIVECOUNTER_SERVER: cluster.grpc, LIVECOUNTER_TOKEN: cluster.adminToken() });
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  // One page, as the dashboard asks for it.
  async function page(token) {
    const { status, text } = await request(cluster.gateways[0].address.console, '/api/livecounter.v1.AdminService/GetUsage', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${cluster.adminToken()}` },
      body: JSON.stringify({ name: 'accounts/large', startTime: iso(start), endTime: iso(end), pageToken: token }),
    });
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  it('is more than one message of gRPC', () => {
    const bytes = usage.reduce((sum, { product }) => sum + product.length + 12, 0);
    assert.ok(bytes > GRPC_MAX_BYTES, `${bytes} bytes`);
  });

  it('is read whole through the console, a page at a time', async () => {
    const read = [];
    let pages = 0;
    for (let token = ''; pages === 0 || token; pages++) {
      const { points, nextPageToken } = await page(token);
      assert.ok(points.length > 0 && points.length <= POINTS_OF_A_PAGE, `${points.length} points`);
      for (const { product, hour, connections } of points) {
        read.push({ product, hour: Date.parse(hour) / 1000, connections: Number(connections) });
      }
      token = nextPageToken;
    }
    assert.equal(pages, Math.ceil(usage.length / POINTS_OF_A_PAGE));
    assert.deepEqual(read, usage);
  });

  it('is summed right by livecounterctl, for the bill and for people', async () => {
    const months = {};
    for (const { hour, connections } of usage) {
      const month = iso(hour).slice(0, 7);
      months[month] = (months[month] ?? 0) + connections;
    }
    const lines = Object.entries(months).map(([month, connections]) => `large,${month},${connections}\n`);
    const range = [`--start_time=${iso(start)}`, `--end_time=${iso(end)}`];
    assert.equal(await ctl('usage', 'large', '--csv', ...range), `account,month,connections\n${lines.join('')}`);
    const total = usage.reduce((sum, { connections }) => sum + connections, 0);
    const table = await ctl('usage', 'large', '--by=month', ...range);
    assert.match(table, new RegExp(`\\ntotal +${total.toLocaleString('en')}\\n$`));
  });
});
