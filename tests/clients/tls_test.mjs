// TLS on the edge (contract §7), met by foreign clients: Node's https and tls, npm ws, curl.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { WebSocket } from '../support/packages.mjs';
import { hasAddressSanitizer, openFiles, rssBytes } from '../support/process_stats.mjs';
import { Cluster, runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { subPath } from '../support/socket.mjs';
import { sleep, until, within } from '../support/wait.mjs';

const folder = scratchFolder();
const file = (name) => path.join(folder, name);

// <name>.pem, signed by itself, and <name>.key.
function makeCertificate(name) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'pipe' });
}

for (const name of ['first', 'second']) makeCertificate(name);
const ca = [readFileSync(file('first.pem')), readFileSync(file('second.pem'))];

// What the server is given: files that are replaced as tools for certificates do, each in one step.
function install(name) {
  for (const [kind, target] of [['key', 'edge.key'], ['pem', 'edge.pem']]) {
    copyFileSync(file(`${name}.${kind}`), file(`${target}.new`));
    renameSync(file(`${target}.new`), file(target));
  }
}

const tlsFlags = [`--tls_cert=${file('edge.pem')}`, `--tls_key=${file('edge.key')}`];
let server;
let host;
let port;
before(async () => {
  install('first');
  server = await startAllInOne({ flags: [...tlsFlags, '--drain_seconds=1'] });
  ({ hostname: host, port } = new URL(`http://${server.address.http}`));
  port = Number(port);
});
after(() => server.kill());

function request(target, { method = 'GET', headers = {}, agent = false, to = port } = {}) {
  return within(10_000, new Promise((resolve, reject) => {
    const outgoing = https.request({ host, port: to, path: target, method, headers, agent, ca });
    outgoing.on('response', async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += chunk;
      resolve({ status: incoming.statusCode, headers: incoming.headers, text });
    });
    outgoing.on('error', reject);
    outgoing.end();
  }), `answer to ${method} ${target}`);
}

// A TLS connection, or the error that it ended with before it was one.
function connect(options = {}) {
  return within(12_000, new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, ca, ...options }, () => resolve(socket));
    socket.on('error', reject);
  }), 'TLS handshake');
}

// A WebSocket with what it was told.
async function openSocket(target) {
  const ws = new WebSocket(`wss://${host}:${port}${target}`, { ca, perMessageDeflate: false });
  const socket = { ws, messages: [] };
  ws.on('message', (data) => socket.messages.push(data.toString()));
  socket.closed = new Promise((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await within(5000, new Promise((resolve, reject) => { ws.on('open', resolve); ws.on('error', reject); }), 'open');
  return socket;
}

// What comes back until the server closes.
function readToEnd(socket) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', reject);
    socket.on('end', () => resolve(text));
  });
}

const commonName = (socket) => socket.getPeerCertificate().subject.CN;

describe('over TLS', () => {
  it('counters are read and hit, on one connection too', async (t) => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const before = Number((await request('/counters/2/', { agent })).text);
    const hit = await request('/counters/2/', { method: 'POST', agent });
    assert.deepEqual([hit.status, hit.text], [200, `${before + 1}\n`]);
    const read = await request('/counters/2/', { headers: { accept: 'application/json' }, agent });
    assert.equal(JSON.parse(read.text).value, before + 1);
    assert.equal((await request('/counters/none/')).status, 404);
  });

  it('an event stream shows each change', async (t) => {
    const curl = spawn('curl', ['-sN', '--cacert', file('first.pem'), '-H', 'Accept: text/event-stream',
      `https://${host}:${port}/counters/3/`]);
    t.after(() => curl.kill());
    let printed = '';
    curl.stdout.on('data', (chunk) => { printed += chunk; });
    await until(() => /data: 0\n\n/.test(printed), 5000);
    await request('/counters/3/', { method: 'POST' });
    await until(() => /data: 1\n\n/.test(printed), 5000);
  });

  it('WebSockets count who is here, and a close frame from the client ends the count after a second', async (t) => {
    const first = await openSocket(subPath({ urlId: 'tls', pId: 'a' }));
    const second = await openSocket(subPath({ urlId: 'tls', pId: 'b' }));
    t.after(() => [first, second].forEach(({ ws }) => ws.terminate()));
    await until(() => first.messages.at(-1) === '2', 5000);
    second.ws.close(1000);
    assert.equal((await within(5000, second.closed, 'closed')).code, 1000);
    await until(() => first.messages.at(-1) === '1', 5000);
  });

  it('/watch tells what changes', async (t) => {
    const watcher = await openSocket('/watch?key=demo&urlId=tls-w');
    t.after(() => watcher.ws.terminate());
    await until(() => watcher.messages[0] === '{"tls-w":0}', 5000);
    const viewer = await openSocket(subPath({ urlId: 'tls-w' }));
    await until(() => watcher.messages.at(-1) === '{"tls-w":1}', 5000);
    viewer.ws.terminate();
  });

  it('the client script comes whole, to a slow reader too', async () => {
    const whole = await request('/client.mjs');
    assert.equal(whole.status, 200);
    const socket = await connect({ highWaterMark: 64 });
    socket.write('GET /client.mjs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      await sleep(20);
    }
    assert.ok(text.endsWith(whole.text));
  });

  it('a gateway of its own serves as well', async (t) => {
    const cluster = await Cluster.start({ gateways: 1, gatewayFlags: tlsFlags });
    t.after(() => cluster.kill());
    const [, to] = cluster.hosts[0].split(':');
    const { status, text } = await request('/counters/2/', { method: 'POST', to });
    assert.deepEqual([status, text], [200, '1\n']);
  });

  it('sessions are resumed', async () => {
    const socket = await connect({ maxVersion: 'TLSv1.2' });
    const session = socket.getSession();
    socket.destroy();
    const again = await connect({ maxVersion: 'TLSv1.2', session });
    assert.ok(again.isSessionReused());
    again.destroy();
  });
});

describe('the handshake', () => {
  it('is TLS 1.2 or 1.3, nothing older', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const socket = await connect({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    await assert.rejects(
      connect({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
  });

  it('chooses http/1.1, and refuses who speaks HTTP/2 alone', async () => {
    for (const [ALPNProtocols, chosen] of [[['h2', 'http/1.1'], 'http/1.1'], [undefined, false]]) {
      const socket = await connect({ ALPNProtocols });
      assert.equal(socket.alpnProtocol, chosen);
      socket.destroy();
    }
    await assert.rejects(connect({ ALPNProtocols: ['h2'] }),
      { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
  });

  it('is not spoken by plain HTTP, which is closed in order', async () => {
    const socket = net.connect(port, host, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await within(5000, readToEnd(socket), 'closed');
    socket.destroy();
  });

  it('has ten seconds, however little comes and often', async () => {
    const start = performance.now();
    const silent = net.connect(port, host);
    const dripping = net.connect(port, host);
    const drip = setInterval(() => dripping.write('\x16'), 1000);
    for (const socket of [silent, dripping]) socket.on('error', () => {});
    await within(14_000, Promise.all([silent, dripping].map((socket) => new Promise((resolve) => {
      socket.resume();
      socket.on('close', resolve);
    }))), 'closed').finally(() => clearInterval(drip));
    assert.ok(performance.now() - start < 11_500, 'in time');
  });
});

describe('the certificate', () => {
  it('is taken anew when its files change; who is connected stays', async (t) => {
    const old = await openSocket(subPath({ urlId: 'reload', pId: 'old' }));
    t.after(() => old.ws.terminate());
    install('second');
    await until(async () => {
      const socket = await connect();
      const name = commonName(socket);
      socket.destroy();
      return name === 'second';
    }, 5000, 'the new certificate');
    const fresh = await openSocket(subPath({ urlId: 'reload', pId: 'new' }));
    t.after(() => fresh.ws.terminate());
    await until(() => old.messages.at(-1) === '2', 5000);
    assert.equal(server.logged().filter(({ event }) => event === 'tls_certificate_loaded').length, 1);
  });

  it('stays when the new files are no good, which is logged once', async () => {
    const kept = () => server.logged().filter(({ event }) => event === 'tls_certificate_kept');
    writeFileSync(file('edge.pem'), 'not a certificate\n');
    await until(() => kept().length > 0, 5000, 'logged');
    await sleep(1500);
    assert.equal(kept().length, 1);
    assert.equal(kept()[0].level, 'warning');
    assert.match(kept()[0].reason, /edge\.pem.*no certificate in PEM form/);
    const socket = await connect();
    assert.equal(commonName(socket), 'second');
    socket.destroy();
    install('first');
    await until(async () => {
      const fresh = await connect();
      const name = commonName(fresh);
      fresh.destroy();
      return name === 'first';
    }, 5000, 'the certificate that is good again');
  });

  it('is checked at the start: the flag is named, with what to do', async () => {
    const base = ['--http_listen=127.0.0.1:0', '--console_listen=', '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0',
      `--data_dir=${file('unused')}`];
    const refusals = [
      [[`--tls_cert=${file('first.pem')}`], /--tls_key got ""; it takes a PEM file with the private key.*go together/],
      [[`--tls_key=${file('first.key')}`], /--tls_cert got ""; it takes a PEM file with the certificate.*go together/],
      [[`--tls_cert=${file('none')}`, `--tls_key=${file('first.key')}`], /--tls_cert got .*none.*; it takes .*none/],
      [[`--tls_cert=${file('first.pem')}`, `--tls_key=${file('second.key')}`],
        /--tls_cert.*--tls_key.*second\.key: it is not the key of the certificate in .*first\.pem/],
    ];
    for (const [flags, message] of refusals) {
      for (const check of [[], ['--check_config']]) {
        const { code, stderr } = await runToEnd('livecounter', [...base, ...flags, ...check]);
        assert.equal(code, 2, stderr);
        assert.match(stderr, message);
      }
    }
    const good = [`--tls_cert=${file('first.pem')}`, `--tls_key=${file('first.key')}`, '--check_config'];
    assert.equal((await runToEnd('livecounter', [...base, ...good])).code, 0);
  });
});

describe('nothing is left', () => {
  // One of each kind of end, at any point of its life.
  async function comeAndGo(i) {
    if (i % 4 === 0) {
      const socket = net.connect(port, host, () => socket.destroy()); // before the handshake
      socket.on('error', () => {});
      return new Promise((resolve) => { socket.on('close', resolve); });
    }
    if (i % 4 === 1) {
      const vanishing = net.connect(port, host, () => { // in the middle of it: a ClientHello begins
        vanishing.write('\x16\x03\x01\x02\x00\x01');
        vanishing.resetAndDestroy();
      });
      vanishing.on('error', () => {});
      return new Promise((resolve) => { vanishing.on('close', resolve); });
    }
    const socket = await connect();
    socket.on('error', () => {});
    socket.write('GET /counters/2/ HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n');
    await new Promise((resolve) => { socket.once('data', resolve); });
    if (i % 4 === 2) socket.destroy(); else socket.end();
    return new Promise((resolve) => { socket.on('close', resolve); socket.resume(); });
  }

  async function rounds(count) {
    for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => comeAndGo(i + j)));
  }

  it('of a thousand connections: descriptors and memory are back', async () => {
    await rounds(500);
    await until(() => openFiles(server.pid) < 100, 5000);
    const files = openFiles(server.pid);
    const memory = rssBytes(server.pid);
    await rounds(1000);
    await until(() => openFiles(server.pid) <= files, 5000, () => `${files} open files, but ${openFiles(server.pid)}`);
    const growth = rssBytes(server.pid) - memory;
    if (!hasAddressSanitizer(server.pid)) assert.ok(growth < 2 * 1024 * 1024, `${memory} bytes grew by ${growth}`);
  });

  it('a drain tells everybody when to come back, with 1001', async () => {
    const sockets = await Promise.all([1, 2, 3].map((n) => openSocket(subPath({ urlId: 'drain', pId: `${n}` }))));
    const stream = await connect();
    stream.write('GET /counters/2/ HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n');
    const streamed = readToEnd(stream);
    await sleep(200);
    assert.equal(await server.stop(), 0);
    for (const { closed } of sockets) {
      const { code, reason } = await within(1000, closed, 'closed');
      assert.equal(code, 1001);
      assert.match(reason, /^retry=\d+$/);
    }
    assert.match(await within(1000, streamed, 'end of the stream'), /retry: \d+\n\n$/);
  });
});
