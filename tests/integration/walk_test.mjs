// A customer's way from signing up to reading what it cost, with livecounterctl alone: everything that is
// not the customer's page or the customer's server is a command.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { launch, openTab } from '../browser/browser.mjs';
import { servePage } from '../browser/site.mjs';
import { runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { CustomerServer, makeCertificate } from '../support/customer_server.mjs';

const EMAIL = 'owner@shop.example';
const URL_ID = 'https://shop.example/page';

describe('a customer, with livecounterctl alone', () => {
  const folder = scratchFolder();
  let counter;
  let customer;
  let account;
  let key;
  let readers = 0; // of the page, in a browser
  const viewers = [];

  before(async () => {
    const certificate = makeCertificate(folder);
    customer = await CustomerServer.start(certificate);
    counter = await startAllInOne({
      folder,
      flags: ['--verifier_allow_private_networks=127.0.0.0/8', `--verifier_ca_file=${certificate.cert}`, '--signup=open'],
    });
  });
  after(async () => {
    for (const { ws } of viewers) ws.terminate();
    await customer?.stop();
    await counter?.kill();
  });

  function configOf(who) {
    const home = path.join(folder, who);
    mkdirSync(home, { recursive: true });
    return { HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') };
  }

  async function run(who, args, env) {
    const server = [`--server=${counter.address.grpc}`];
    return runToEnd('livecounterctl', [...args, ...server], { ...configOf(who), ...env });
  }

  // What the command printed, which must have gone well.
  async function owner(...args) {
    const { code, stdout, stderr } = await run('owner', args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  async function operator(...args) {
    const token = path.join(folder, 'data', 'admin-token');
    const { code, stdout, stderr } = await run('operator', [...args, `--token_file=${token}`]);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  function view(pId, options = {}) {
    const socket = new Socket(counter.address.http, subPath({ urlId: URL_ID, key, pId, ...options }));
    viewers.push(socket);
    return socket;
  }

  it('signs up, and is activated by the operator', async () => {
    const password = path.join(folder, 'password');
    writeFileSync(password, 'correct horse battery\n');
    await owner('signup', EMAIL, `--password_file=${password}`, '--display_name=The Shop');
    const mine = JSON.parse(await owner('account', 'list', '-o', 'json'));
    assert.equal(mine.accounts.length, 1);
    account = mine.accounts[0].name.split('/')[1];
    assert.equal(mine.accounts[0].state, 'INACTIVE');
    const refused = await run('owner', ['account', 'activate', account]);
    assert.equal(refused.code, 1, 'nobody activates themselves');
    await operator('account', 'activate', account);
    assert.equal(JSON.parse(await owner('account', 'get', account, '-o', 'json')).state, 'ACTIVE');
  });

  it('creates a product and gets the key for the page', async () => {
    await owner('product', 'create', `${account}/web`, '--allowed_origins=https://shop.example');
    key = JSON.parse(await owner('key', 'create', `${account}/web`, '-o', 'json')).key;
    assert.ok(key.length >= 8, key);
    customer.key = key;
    await sleep(1000); // for gateways to hear of it
  });

  it('embeds it in a page of its own, which counts who reads it', async (t) => {
    const gateway = counter.address.http;
    const html = await owner('product', 'snippet', `${account}/web`, `--url=http://${gateway}`, '--url_id=embedded');
    assert.ok(html.includes(`"${key}"`), html);
    const url = await servePage(t, { gateways: [gateway], html });
    await owner('product', 'update', `${account}/web`, `--allowed_origins=https://shop.example,${new URL(url).origin}`);
    await sleep(1000); // for gateways to hear of it
    const browser = await launch();
    t.after(() => browser.close());
    const page = await openTab(await browser.newContext(), url);
    readers += 1;
    await until(async () => await page.textContent('live-counter') === '1', 20_000, 'the page shows its reader');
    assert.deepEqual(page.troubles, []);
    const shown = JSON.parse(await owner('counter', 'get', `${account}/web/embedded`, '-o', 'json'));
    assert.equal(Number(shown.present), 1);
  });

  it('sees viewers come and go', async () => {
    const first = view('first');
    await first.untilValue(1);
    const second = view('second');
    await first.untilValue(2);
    const shown = JSON.parse(await owner('counter', 'get', `${account}/web/${URL_ID}`, '-o', 'json'));
    assert.equal(Number(shown.present), 2);
    await second.close();
    await first.untilValue(1);
    await first.close();
  });

  // That nothing is stored, and what was said.
  async function isRefused(product) {
    const { code, stdout, stderr } = await run('owner', ['product', 'save-verification', product, customer.uri]);
    assert.equal(code, 1);
    const { verification } = JSON.parse(await owner('product', 'get', product, '-o', 'json'));
    assert.ok(!verification?.endpointUri, 'nothing is stored');
    return stdout + stderr;
  }

  it('is refused a server that is slow, with the reason', async () => {
    customer.delayMs = 4000;
    assert.match(await isRefused(`${account}/web`), /"w-invalid" must be answered[^]*no complete answer within 3 ?s/);
    customer.delayMs = 5;
  });

  // Of a product of its own: one has a load in a minute.
  it('is refused one that is slow under load only, with the reason', async () => {
    await owner('product', 'create', `${account}/trial`);
    customer.key = JSON.parse(await owner('key', 'create', `${account}/trial`, '-o', 'json')).key;
    customer.delayUnderLoadMs = 4000;
    assert.match(await isRefused(`${account}/trial`), /Of 500 calls at the same time[^]*× there was no complete answer within 3 ?s/);
    customer.delayUnderLoadMs = 0;
    customer.key = key;
  });

  it('is accepted when the server is good', async () => {
    customer.peak = 0;
    const said = await owner('product', 'save-verification', `${account}/web`, customer.uri);
    assert.match(said, /pass|saved/i);
    const product = JSON.parse(await owner('product', 'get', `${account}/web`, '-o', 'json'));
    assert.deepEqual([product.verification.endpointUri, product.verification.enabled], [customer.uri, true]);
    assert.ok(customer.peak >= 490, `${customer.peak} calls at the same time`);
  });

  it('sees a user that is not verified watch without counting', async () => {
    const known = view('w-valid known');
    await known.untilValue(1);
    const unknown = view('w-invalid unknown');
    await unknown.untilValue(1);
    await sleep(1500);
    assert.deepEqual([known.value, unknown.value], [1, 1]);
    const another = view('w-valid another');
    await unknown.untilValue(2);
    await another.close();
    await unknown.untilValue(1);
  });

  it('revokes the key, and its pages are closed', async () => {
    const { apiKeys } = JSON.parse(await owner('key', 'list', `${account}/web`, '-o', 'json'));
    const open = viewers.filter(({ ws }) => ws.readyState === 1);
    assert.ok(open.length > 0);
    await owner('key', 'revoke', apiKeys[0].name, '--yes');
    for (const socket of open) {
      const { code, reason } = await socket.closed;
      assert.deepEqual([code, reason], [1008, 'key revoked']);
    }
    assert.equal((await view('too late').refused()).status, 401);
  });

  it('reads its usage', async () => {
    const accepted = readers + viewers.length - 1; // the last was refused
    await until(async () => {
      const { points } = JSON.parse(await owner('usage', account, '--by=hour', '-o', 'json'));
      return points.reduce((sum, { connections }) => sum + Number(connections), 0) === accepted;
    }, 5000, `${accepted} connections`);
    assert.match(await owner('usage', account, '--csv'), new RegExp(`${account},\\d{4}-\\d\\d,${accepted}\\n`));
  });
});
