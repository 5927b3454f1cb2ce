// Names that lead the verifier astray, on the wire: a network of its own, with one public address, in which a name
// server of ours says something else each time it is asked (contract §4).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { moveToOwnNetwork } from '../chaos/networks.mjs';
import { DnsStub } from '../support/dns_stub.mjs';
import { GrpcPeer } from '../support/grpc.mjs';
import { Program, scratchFolder } from '../support/programs.mjs';

const PUBLIC = '11.22.33.44';
const KEY = 'customer-api-key';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const skip = moveToOwnNetwork();

// Answers on one address, and counts who comes.
class Customer {
  connections = 0;
  redirectTo;

  static async start(address, port = 0) {
    const customer = new Customer();
    customer.server = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (customer.redirectTo) response.writeHead(302, { location: customer.redirectTo });
      else response.writeHead(JSON.parse(body).pId === 'w-invalid' ? 401 : 200);
      response.end(KEY);
    }).listen(port, address);
    customer.server.on('connection', () => { customer.connections += 1; });
    await once(customer.server, 'listening');
    customer.port = customer.server.address().port;
    return customer;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

// A program surrounded by this asks the name server of this network.
function askingHere(folder) {
  const file = path.join(folder, 'resolv.conf');
  writeFileSync(file, 'nameserver 127.0.0.1\noptions attempts:1 timeout:1\n');
  return ['unshare', '--mount', 'sh', '-c', `mount --bind '${file}' /etc/resolv.conf && exec "$0" "$@"`];
}

describe('a name', { skip }, () => {
  let names;
  let good;
  let inside; // on loopback, with the same port
  let verifier;
  let peer;
  let service;

  before(async () => {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    // Names have addresses of a kind only where the machine has one.
    for (const address of [`${PUBLIC}/32`, '2a01::1/128']) execFileSync('ip', ['address', 'add', address, 'dev', 'lo']);
    names = await DnsStub.start();
    good = await Customer.start(PUBLIC);
    inside = await Customer.start('127.0.0.1', good.port);
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0'], {},
      askingHere(scratchFolder()));
    peer = new GrpcPeer(verifier.address.grpc);
    service = await peer.service('livecounter.v1.VerifierService');
  });
  after(async () => {
    peer?.close();
    await verifier?.kill();
    [good, inside, names].forEach((each) => each?.stop());
  });

  const endpoint = (name) => ({ uri: `http://${name}:${good.port}/verify`, api_keys: [KEY], signing_secret: SECRET });
  const ask = async (name, presenceId = 'somebody') =>
    (await service.call('VerifyUser', { product: `accounts/a/products/${name.replaceAll('.', '-')}`, presence_id: presenceId, endpoint: endpoint(name) })).verdict;

  // The words of a test that ends with its first call.
  async function reasonOf(name) {
    const request = { product: `accounts/a/products/${name.replaceAll('.', '-')}`, endpoint: endpoint(name) };
    const told = await service.stream('ProbeEndpoint', request).toArray();
    assert.equal(told.at(-1).passed, false, name);
    return told.at(-1).reason;
  }

  it('that is public is called', async () => {
    names.add('shop.test', [PUBLIC]);
    assert.equal(await ask('shop.test'), 'VALID');
    assert.equal(names.asked('A', 'shop.test'), 1);
    assert.equal(good.connections, 1);
  });

  it('that is public when it is checked, and private when asked again, is called where it was checked', async () => {
    for (let i = 0; i < 10; i++) {
      const name = `flips${i}.test`;
      names.add(name, [PUBLIC], ['127.0.0.1']);
      for (const presenceId of ['ann', 'bob', 'carol']) assert.equal(await ask(name, presenceId), 'VALID', name);
      assert.equal(names.asked('A', name), 1, 'asked once, however many calls');
    }
    assert.equal(inside.connections, 0);
  });

  for (const [what, ...addresses] of [
    ['loopback', '127.0.0.1'],
    ['a private network', '10.0.0.1'],
    ['another one', '192.168.0.1'],
    ["a cloud's metadata", '169.254.169.254'],
    ['the carrier', '100.64.0.1'],
    ['nowhere', '0.0.0.0'],
    ['loopback in IPv6', '::1'],
    ['loopback mapped into IPv6', '::ffff:127.0.0.1'],
    ['loopback behind NAT64', '64:ff9b::127.0.0.1'],
    ['a unique local address', 'fd00::1'],
    ['a public address and loopback', PUBLIC, '127.0.0.1'],
    ['a public address, and loopback in IPv6', PUBLIC, '::1'],
  ]) {
    it(`that leads to ${what} is refused`, async () => {
      const name = `bad-${what.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.test`;
      names.add(name, addresses);
      assert.match(await reasonOf(name), /leads to an address that is not public; an endpoint must have a public address/);
      assert.equal(await ask(name), 'INDETERMINATE');
      assert.equal(inside.connections, 0);
    });
  }

  it('that stands for another one which leads inside is refused', async () => {
    names.add('inside.test', ['127.0.0.1']);
    names.add('alias.test', ['inside.test']);
    assert.match(await reasonOf('alias.test'), /alias\.test leads to an address that is not public/);
    assert.equal(inside.connections, 0);
  });

  it('of nobody is told', async () => {
    assert.match(await reasonOf('nobody.test'), /nobody\.test cannot be found/);
  });

  it('in a redirect is not followed', async () => {
    names.add('redirects.test', [PUBLIC]);
    good.redirectTo = `http://127.0.0.1:${inside.port}/verify`;
    assert.match(await reasonOf('redirects.test'), /302/);
    assert.equal(inside.connections, 0);
  });
});
