// mTLS between the programs (contract §5): whoever shows no certificate of the authority is not served.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Authority } from '../support/authority.mjs';
import { get, post } from '../support/http.mjs';
import { Cluster, Program, runToEnd, scratchFolder } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const folder = scratchFolder();
const authority = new Authority(folder);
const own = { counterd: authority.sign('counterd', ['IP:127.0.0.1']), gateway: authority.sign('gateway', ['DNS:gateway']) };
const stranger = new Authority(folder, 'other').sign('stranger', ['DNS:gateway']);

const serverFlags = ({ cert, key, ca }) => [`--grpc_tls_cert=${cert}`, `--grpc_tls_key=${key}`, `--grpc_tls_client_ca=${ca}`];
const clientFlags = ({ cert, key }) => [`--upstream_tls_ca=${authority.certificate}`, `--upstream_tls_cert=${cert}`, `--upstream_tls_key=${key}`];

let cluster;
before(async () => {
  cluster = await Cluster.start({ gateways: 1, counterdFlags: serverFlags(own.counterd), gatewayFlags: clientFlags(own.gateway) });
});
after(() => cluster?.kill());

describe('with mTLS between the programs', () => {
  it('a gateway with a certificate counts viewers and hits', async (t) => {
    const [base] = cluster.hosts;
    const viewers = ['a', 'b'].map((pId) => new Socket(base, subPath({ urlId: 'mtls', pId })));
    t.after(() => viewers.forEach(({ ws }) => ws.terminate()));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(2)));
    assert.equal((await post(base, '/counters/2/')).text, '1\n');
  });

  it('its console calls over it too', async () => {
    const answer = await get(cluster.gateways[0].address.console, '/api/livecounter.v1.CounterService/ListCounters');
    assert.notEqual(answer.status, 503, answer.text);
  });

  for (const [what, flags] of [['another authority\'s', clientFlags(stranger)], ['no', [`--upstream_tls_ca=${authority.certificate}`]], ['no TLS and no', []]]) {
    it(`a gateway with ${what} certificate is not served`, async (t) => {
      const tokenFile = path.join(folder, 'edge-token');
      writeFileSync(tokenFile, 'any-token');
      const gateway = await Program.start('livecounter-gateway', ['--http_listen=127.0.0.1:0', '--console_listen=',
        '--metrics_listen=127.0.0.1:0', `--edge=${cluster.edge}`, '--counterd=', `--edge_token_file=${tokenFile}`, ...flags]);
      t.after(() => gateway.kill());
      await sleep(500);
      const { status, text } = await get(gateway.address.metrics, '/readyz');
      assert.equal(status, 503);
      assert.match(text, /upstream/);
      assert.doesNotMatch(text, /token/i, 'refused before the token was looked at');
    });
  }

  it('livecounterctl calls with a certificate only', async () => {
    const call = (...flags) => runToEnd('livecounterctl', ['account', 'list', `--server=${cluster.grpc}`, ...flags],
      { LIVECOUNTER_TOKEN: cluster.adminToken(), HOME: folder });
    const { cert, key, ca } = own.gateway;
    const answered = await call(`--tls_ca=${ca}`, `--tls_cert=${cert}`, `--tls_key=${key}`);
    assert.equal(answered.code, 0, answered.stderr);
    assert.equal((await call(`--tls_ca=${ca}`)).code, 1);
  });

  it('the programs come back together after counterd was killed', async () => {
    await cluster.counterd.kill();
    await cluster.startCounterd();
    await until(async () => (await post(cluster.hosts[0], '/counters/2/')).text === '2\n', 8000);
  });
});
