// The servers of examples/verification-* with a real Live Counter: they pass its test of the endpoint, and from
// then on who is signed in counts, and nobody else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from '../tests/support/http.mjs';
import { runToEnd, scratchFolder, startAllInOne } from '../tests/support/programs.mjs';
import { Socket, subPath } from '../tests/support/socket.mjs';
import { sleep, until, within } from '../tests/support/wait.mjs';

const SERVERS = [
  ['verification-node', process.execPath, 'server.mjs'],
  ['verification-python', 'python3', 'server.py'],
];
const URL_ID = 'front page';

let counter;
const folder = scratchFolder();
before(async () => {
  counter = await startAllInOne({ folder, flags: ['--verifier_allow_private_networks=127.0.0.0/8'] });
});
after(() => counter?.kill());

function ctl(...args) {
  const flags = [`--server=${counter.address.grpc}`, `--token_file=${path.join(folder, 'data', 'admin-token')}`];
  return runToEnd('livecounterctl', [...args, ...flags], { HOME: folder });
}

async function ctlJson(...args) {
  const { code, stdout, stderr } = await ctl(...args, '-o=json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

class Site {
  stdout = '';
  stderr = '';

  // `base` ("host:port") is filled once it listens.
  static async start(name, program, script, env) {
    const site = new Site();
    site.child = spawn('setpriv', ['--pdeathsig', 'KILL', program, script], {
      cwd: fileURLToPath(new URL(name, import.meta.url)),
      env: { ...process.env, PORT: '0', PYTHONDONTWRITEBYTECODE: '1', ...env },
    });
    site.child.stdout.on('data', (chunk) => { site.stdout += chunk; });
    site.child.stderr.on('data', (chunk) => { site.stderr += chunk; });
    site.exited = once(site.child, 'close');
    site.base = await until(() => /^listening on http:\/\/(\S+)$/m.exec(site.stdout)?.[1], 10_000, () => `listening: ${site.stderr}`);
    return site;
  }

  stop() {
    this.child.kill();
    return within(5000, this.exited, 'end of the site');
  }

  post(route, body = '', headers = {}) {
    return request(this.base, route, { method: 'POST', body, headers: { 'content-length': Buffer.byteLength(body), ...headers } });
  }

  // The cookie of a new session.
  async signIn(user) {
    const { status, headers } = await this.post('/sign-in', `user=${encodeURIComponent(user)}`);
    assert.equal(status, 303);
    assert.match(headers['set-cookie'][0], /; HttpOnly;/);
    return headers['set-cookie'][0].split(';')[0];
  }

  // What the page tells the browser client: { presenceId, viewOnly }.
  async page(cookie = '') {
    const { status, text } = await request(this.base, '/', { headers: { cookie } });
    assert.equal(status, 200);
    return { presenceId: /p-id="([^"]*)"/.exec(text)?.[1], viewOnly: /view-only/.test(text) };
  }
}

for (const [name, program, script] of SERVERS) {
  describe(name, () => {
    const product = `demo/${name}`;
    let site;
    let key;
    const sockets = [];

    before(async () => {
      const { verification } = await ctlJson('product', 'create', product, '--allowed_origins=*');
      ({ key } = await ctlJson('key', 'create', product));
      site = await Site.start(name, program, script, { LIVECOUNTER_API_KEY: key, LIVECOUNTER_SIGNING_SECRET: verification.signingSecret });
    });
    after(async () => {
      sockets.forEach(({ ws }) => ws.terminate());
      await site?.stop();
    });

    function view(pId, i) {
      const socket = new Socket(counter.address.http, subPath({ urlId: URL_ID, key, pId, i }));
      sockets.push(socket);
      return socket.opened();
    }

    it('refuses whoever is not Live Counter, and does not tell the API key', async () => {
      const { status, text } = await site.post('/verify', '{"pId":"w-valid"}', { 'webhook-id': 'msg_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,' });
      assert.equal(status, 403);
      assert.ok(!text.includes(key));
      assert.equal((await site.post('/verify', 'x'.repeat(5000))).status, 500);
      assert.equal((await site.post('/elsewhere')).status, 404);
      site.stderr = '';
    });

    it('passes all four steps of the test', async () => {
      const { code, stdout, stderr } = await ctl('product', 'test', product, `http://${site.base}/verify`, '-o=json');
      assert.equal(code, 0, stdout + stderr);
      const told = stdout.trim().split('\n').map((line) => JSON.parse(line));
      const steps = told.filter(({ stepDone, done }) => stepDone && !done).map(({ step, answered, passed }) => `${step} ${answered} ${passed}`);
      assert.deepEqual(steps, ['OWNERSHIP_INVALID 1 true', 'OWNERSHIP_VALID 1 true', 'LOAD_INVALID 500 true', 'LOAD_VALID 500 true']);
      assert.equal(told.at(-1).passed, true);
      assert.equal(site.stderr, '');
    });

    it('lets those count who are signed in', async () => {
      const { code, stdout, stderr } = await ctl('product', 'save-verification', product, `http://${site.base}/verify`);
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(await site.page(), { presenceId: undefined, viewOnly: true });
      const ann = await site.page(await site.signIn('ann'));
      const annAgain = await site.page(await site.signIn('ann'));
      const bob = await site.page(await site.signIn('bob'));
      assert.equal(ann.presenceId, annAgain.presenceId, 'a user counts once');
      const observer = await view('somebody', 'f');
      await sleep(1000); // gateways hear of the change within a second
      await Promise.all([view(ann.presenceId), view(annAgain.presenceId), view('forged')]);
      await observer.untilValue(1);
      await view(bob.presenceId);
      await observer.untilValue(2);
    });

    it('lets nobody count who has signed out', async () => {
      const cookie = await site.signIn('carol');
      const { presenceId } = await site.page(cookie);
      assert.equal((await site.post('/sign-out', '', { cookie })).status, 303);
      assert.equal((await site.page(cookie)).viewOnly, true);
      const carol = await view(presenceId);
      await carol.untilValue(2);
      await sleep(1000);
      assert.deepEqual(carol.values, [2], 'who watches without counting');
    });
  });
}
