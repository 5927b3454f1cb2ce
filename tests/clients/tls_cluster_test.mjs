// All programs with mutual TLS between them: counterd's ports and the verifier's show a certificate and ask for
// one, gateways and counterd show theirs (contract §5).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { request } from '../support/http.mjs';
import { Cluster, Program, runToEnd, scratchFolder } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';

const PRODUCT = 'accounts/demo/products/demo';

// ca.pem, which has signed server.pem, for 127.0.0.1, and client.pem; each with its .key.
function makeCertificates(folder) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem');
  writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-days', '2', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
      '-extfile', 'names', '-out', `${name}.pem`);
  }
}

describe('programs with mutual TLS between them', () => {
  const folder = scratchFolder();
  const file = (name) => path.join(folder, name);
  const serverFlags = [`--grpc_tls_cert=${file('server.pem')}`, `--grpc_tls_key=${file('server.key')}`, `--grpc_tls_client_ca=${file('ca.pem')}`];
  const trust = `--upstream_tls_ca=${file('ca.pem')}`;
  const clientFlags = [trust, `--upstream_tls_cert=${file('client.pem')}`, `--upstream_tls_key=${file('client.key')}`];
  let customer;
  let verifier;
  let cluster;

  before(async () => {
    makeCertificates(folder);
    customer = http.createServer(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      response.writeHead(/invalid|stranger/.test(JSON.parse(body).pId) ? 401 : 200);
      response.end('demo');
    }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer, 'listening');
    // Who may call is known by their certificate alone.
    verifier = await Program.start('livecounter-verifier', ['--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      '--verifier_allow_private_networks=127.0.0.0/8', ...serverFlags]);
    const flags = [`--verifier=${verifier.address.grpc}`, ...clientFlags];
    cluster = await Cluster.start({ gateways: 1, counterdFlags: [...serverFlags, ...flags], gatewayFlags: flags });
  });
  after(async () => {
    customer?.closeAllConnections();
    customer?.close();
    await cluster?.kill();
    await verifier?.kill();
  });

  const join = (pId, i) => new Socket(cluster.hosts[0], subPath({ pId, i })).opened();
  const call = (method, message) => request(cluster.gateways[0].address.console, `/api/livecounter.v1.${method}`, {
    method: 'POST', body: JSON.stringify(message),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${cluster.adminToken()}` },
  });
  const gatewayFlags = (more) => ['--http_listen=127.0.0.1:0', '--console_listen=', '--metrics_listen=', '--check_config',
    `--edge=${cluster.edge}`, `--edge_token_file=${path.join(cluster.folder, 'edge-token')}`, ...more];

  it('count viewers, and serve the console', async (t) => {
    const socket = await join('ann');
    t.after(() => socket.ws.terminate());
    await socket.untilValue(1);
    const { status, text } = await call('CounterService/GetCounter', { name: `${PRODUCT}/counters/page` });
    assert.equal(status, 200, text);
    assert.equal(JSON.parse(text).present, '1');
  });

  it('test an endpoint, and ask it who may count', async (t) => {
    const uri = `http://127.0.0.1:${customer.address().port}/verify`;
    const body = Buffer.from(JSON.stringify({ name: PRODUCT, verification: { endpointUri: uri, enabled: true } }));
    const envelope = Buffer.alloc(5);
    envelope.writeUInt32BE(body.length, 1);
    const saved = await request(cluster.gateways[0].address.console, '/api/livecounter.v1.AdminService/SaveVerification', {
      method: 'POST', body: Buffer.concat([envelope, body]), ms: 20_000,
      headers: { 'content-type': 'application/connect+json', authorization: `Bearer ${cluster.adminToken()}` },
    });
    assert.match(saved.text, /"passed":\s*true/, saved.text.slice(-500));
    const sockets = [await join('observer', 'f'), await join('stranger'), await join('bob')];
    t.after(() => sockets.forEach(({ ws }) => ws.terminate()));
    await sockets[0].untilValue(1, 15_000);
  });

  it('let in nobody who shows no certificate, or whom it does not trust', async () => {
    const [nameless, plain, known] = await Promise.all([[trust], [], clientFlags]
      .map((flags) => runToEnd('livecounter-gateway', gatewayFlags(flags))));
    for (const { code, stderr } of [nameless, plain]) {
      assert.equal(code, 1);
      assert.match(stderr, /--edge: no counter service took this gateway/);
    }
    assert.equal(known.code, 0, known.stderr);
  });

  it('keep a good certificate when the new one is none, and say so', async () => {
    const kept = () => cluster.counterd.logged().filter(({ event }) => event === 'tls_certificate_kept');
    copyFileSync(file('server.key'), file('good.key'));
    writeFileSync(file('server.key'), 'not a key');
    for (let i = 0; i < 2; i++) {
      const known = await runToEnd('livecounter-gateway', gatewayFlags(clientFlags));
      assert.equal(known.code, 0, known.stderr);
    }
    await until(() => kept().length === 1, 2000, () => `logged once: ${JSON.stringify(kept())}`);
    assert.match(kept()[0].reason, /server\.key/);
    copyFileSync(file('good.key'), file('server.key'));
    assert.equal((await runToEnd('livecounter-gateway', gatewayFlags(clientFlags))).code, 0);
    await until(() => cluster.counterd.stderr.includes('tls_certificate_loaded'), 2000, 'the good one is taken');
  });
});
