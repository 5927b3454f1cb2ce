// livecounterctl as people and scripts meet it: the real program, against the real server, in a terminal and
// in pipes (contract §1, §5).
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { presenceSnippet, viewsSnippet } from '../../web/dashboard/src/state/snippets.ts';
import { hitsOf, post } from '../support/http.mjs';
import { binaryPath, Cluster, runToEnd, scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { CTRL_C, TerminalProgram } from '../support/terminal.mjs';
import { until, within } from '../support/wait.mjs';

const CLI = binaryPath('livecounterctl');

let server;
let env;
before(async () => {
  const folder = scratchFolder();
  server = await startAllInOne({ folder });
  env = {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    TZ: 'UTC',
    LIVECOUNTER_SERVER: server.address.grpc,
    LIVECOUNTER_TOKEN_FILE: path.join(folder, 'data', 'admin-token'),
  };
});
after(() => server?.kill());

const run = (...words) => runToEnd('livecounterctl', words, env);

async function output(...words) {
  const { code, stdout, stderr } = await run(...words);
  assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
  return stdout;
}

const json = async (...words) => JSON.parse(await output(...words, '-o', 'json'));

// The program in a pipe, under way.
function start(...words) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', CLI, ...words],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.text = '';
  child.errors = '';
  child.stdout.on('data', (chunk) => { child.text += chunk; });
  child.stderr.on('data', (chunk) => { child.errors += chunk; });
  return child;
}

describe('counters', () => {
  it('are created, incremented, set, listed and deleted', async () => {
    assert.equal((await json('counter', 'create', 'demo/demo/visits', '--hits=40')).hits, '40');
    assert.equal((await json('counter', 'increment', 'demo/demo/visits', '--by=2')).hits, '42');
    assert.equal(await hitsOf(server.address.http, 'visits'), 42);
    for (let i = 0; i < 2; i++) {
      const once = await json('counter', 'increment', 'demo/demo/visits', '--request_id=r1');
      assert.equal(once.hits, '43');
    }
    assert.equal((await json('counter', 'set', 'demo/demo/visits', '0')).hits, '0');
    const list = await json('counter', 'list', 'demo/demo');
    assert.ok(list.counters.some(({ name }) => name.endsWith('/visits')));
    assert.match(await output('counter', 'list', 'demo/demo'), /^COUNTER +HITS +PRESENT\ndemo\/demo\/1 +\d+ +\d+\n/);
    await output('counter', 'delete', 'demo/demo/visits');
    const { code, stderr } = await run('counter', 'get', 'demo/demo/visits');
    assert.equal(code, 1);
    assert.match(stderr, /^livecounterctl: .+\n$/);
  });

  it('have ids with slashes, and show who is present', async (t) => {
    const viewer = await new Socket(server.address.http, subPath({ urlId: 'https://shop.example/ü' })).opened();
    t.after(() => viewer.ws.terminate());
    await viewer.untilValue(1);
    assert.match(await output('counter', 'get', 'demo/demo/https://shop.example/ü'),
      /^counter +demo\/demo\/https:\/\/shop\.example\/ü\nhits +–\npresent +1\n$/);
  });

  it('come page by page where a limit is given', async () => {
    const names = [];
    let page = { nextPageToken: '' };
    do {
      page = await json('counter', 'list', 'demo/demo', '--limit=4', `--page_token=${page.nextPageToken}`);
      assert.ok(page.counters.length <= 4);
      names.push(...page.counters.map(({ name }) => name));
    } while (page.nextPageToken);
    assert.deepEqual(names, (await json('counter', 'list', 'demo/demo')).counters.map(({ name }) => name));
  });
});

// Each step needs those before it.
describe('a customer and an operator', () => {
  const operator = [];
  const password = 'correct horse battery';
  let customer;
  let account;
  let key;
  before(() => {
    operator.push(`--token_file=${env.LIVECOUNTER_TOKEN_FILE}`);
    customer = { ...env, LIVECOUNTER_TOKEN_FILE: '', XDG_CONFIG_HOME: scratchFolder() };
  });
  const asCustomer = (...words) => runToEnd('livecounterctl', words, customer);
  const customersJson = async (...words) => {
    const { code, stdout, stderr } = await asCustomer(...words, '-o', 'json');
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const passwordFile = (name, text) => {
    writeFileSync(path.join(env.HOME, name), `${text}\n`, { mode: 0o600 });
    return path.join(env.HOME, name);
  };

  it('the one signs up, the other activates', async () => {
    const file = passwordFile('password', password);
    const session = await customersJson('signup', 'owner@shop.example', '--display_name=The Shop', `--password_file=${file}`);
    account = session.account.replace('accounts/', '');
    assert.equal((await customersJson('account', 'get')).state, 'INACTIVE');
    const refused = await asCustomer('account', 'activate', account);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /operator/);
    assert.equal((await json('account', 'activate', account, ...operator)).state, 'ACTIVE');
    assert.deepEqual((await customersJson('account', 'list')).accounts.map(({ name }) => name), [session.account]);
  });

  it('the one makes a product and a key, with which pages count', async () => {
    await customersJson('product', 'create', 'web', '--allowed_origins=https://shop.example', '--auto_create_counters');
    key = (await customersJson('key', 'create', 'web', 'k1')).key;
    await until(async () => (await post(server.address.http, `/counters/hello/?key=${key}`)).status === 200, 5000);
    assert.ok(Number((await customersJson('counter', 'get', 'web/hello')).hits) >= 1);
    assert.equal((await asCustomer('counter', 'get', 'demo/demo/1')).code, 1, "another's counter");
  });

  it('the one gets the lines for a page that the dashboard gives', async () => {
    const edge = 'https://live.example';
    const snippet = async (...words) => {
      const { code, stdout, stderr } = await asCustomer('product', 'snippet', 'web', `--url=${edge}`, ...words);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const embed = { edge, key, urlId: '', isViewOnly: false, isVerified: false };
    assert.equal(await snippet(), `${presenceSnippet(embed)}\n`);
    const urlId = '"><script>&lamp';
    assert.equal(await snippet(`--url_id=${urlId}`, '--view_only'), `${presenceSnippet({ ...embed, urlId, isViewOnly: true })}\n`);
    assert.equal(await snippet('--counter=front'), `${viewsSnippet(edge, key, 'front')}\n`);
  });

  it('the one changes the product, and only what it has seen', async () => {
    const { etag } = await customersJson('product', 'get', 'web');
    assert.equal((await customersJson('product', 'update', 'web', '--max_connections=5', `--etag=${etag}`)).limits.maxConnections, '5');
    assert.equal((await asCustomer('product', 'update', 'web', '--max_connections=6', `--etag=${etag}`)).code, 1);
  });

  it('usage counts a viewer, and a revoked key ends it', async () => {
    const viewer = await new Socket(server.address.http, subPath({ urlId: 'u', key }), { headers: { origin: 'https://shop.example' } }).opened();
    await viewer.untilValue(1);
    await until(async () => (await asCustomer('usage', '--csv')).stdout.endsWith(',1\n'), 5000);
    assert.equal((await customersJson('key', 'revoke', 'web/k1')).state, 'REVOKED');
    assert.equal((await within(5000, viewer.closed, 'closed')).code, 1008);
  });

  it('the one changes the password, the other resets it', async () => {
    const next = passwordFile('next', 'another horse battery');
    const old = path.join(env.HOME, 'password');
    assert.equal((await asCustomer('password', `--current_password_file=${old}`, `--password_file=${next}`)).code, 0);
    assert.equal((await asCustomer('signin', 'owner@shop.example', `--password_file=${old}`)).code, 1);
    assert.equal((await asCustomer('signin', 'owner@shop.example', `--password_file=${next}`)).code, 0);
    await output('password', account, `--password_file=${old}`, ...operator);
    assert.equal((await asCustomer('whoami')).code, 1, 'sessions have ended');
    assert.equal((await asCustomer('signin', 'owner@shop.example', `--password_file=${old}`)).code, 0);
  });

  it('the one leaves, the other makes a backup and deletes the account', async () => {
    assert.equal((await asCustomer('signout')).code, 0);
    assert.equal((await asCustomer('whoami')).code, 1);
    await output('backup', path.join(env.HOME, 'backup'), ...operator);
    assert.ok(existsSync(path.join(env.HOME, 'backup')));
    assert.equal((await run('account', 'delete', account, ...operator)).code, 1, 'it has a product');
    await output('account', 'delete', account, '--force', ...operator);
    assert.equal((await run('account', 'get', account, ...operator)).code, 1);
  });
});

describe('watch in a pipe', () => {
  it('prints each change as a line, and ends with 0 when it is told to', async () => {
    const watch = start('watch', 'demo/demo/2');
    await until(() => /demo\/demo\/2 hits=0 present=0\n/.test(watch.text), 5000, () => watch.text + watch.errors);
    await post(server.address.http, '/counters/2/');
    await until(() => /demo\/demo\/2 hits=1 present=0\n/.test(watch.text), 5000, () => watch.text);
    watch.kill('SIGTERM');
    assert.deepEqual(await once(watch, 'close'), [0, null]);
  });

  it('ends when nobody reads any more', async () => {
    const watch = start('watch', 'demo/demo', '-o', 'json');
    await until(() => watch.text.includes('\n'), 5000);
    watch.stdout.destroy();
    await post(server.address.http, '/counters/3/');
    await until(async () => {
      await post(server.address.http, '/counters/3/');
      return watch.exitCode !== null;
    }, 5000, 'the end of watch');
    assert.equal(watch.exitCode, 1);
  });

  it('goes on when the server was restarted', async (t) => {
    const cluster = await Cluster.start({ gateways: 0 });
    t.after(() => cluster.kill());
    const flags = [`--server=${cluster.grpc}`, `--token_file=${path.join(cluster.dataFolder, 'admin-token')}`];
    const watch = start('watch', 'demo/demo/1', ...flags);
    t.after(() => watch.kill('SIGKILL'));
    await until(() => /hits=0/.test(watch.text), 5000, () => watch.errors);
    await cluster.counterd.kill();
    await until(() => /connection lost/.test(watch.errors), 5000);
    await cluster.startCounterd();
    assert.equal((await run('counter', 'increment', 'demo/demo/1', ...flags)).code, 0);
    await until(() => /hits=1/.test(watch.text), 10_000, () => watch.text + watch.errors);
  });
});

describe('watch in a terminal', () => {
  it('redraws, and gives the terminal back on Ctrl-C', async (t) => {
    const terminal = new TerminalProgram(
      `trap : INT; stty cols 70 rows 20; '${CLI}' watch demo/demo/4 demo/demo/5; echo "code=$?"; stty -a; read go`, env);
    t.after(() => terminal.kill());
    await terminal.shows(/\x1b\[\?1049h\x1b\[\?25l/);
    await until(() => /demo\/demo\/4 +0/.test(terminal.lastFrame), 5000, () => terminal.lastFrame);
    for (let i = 0; i < 3; i++) await post(server.address.http, '/counters/4/');
    await until(() => /demo\/demo\/4 +3 +\d\.\d +0 +[▁▂▃▄▅▆▇█]/.test(terminal.lastFrame), 5000, () => terminal.lastFrame);
    assert.match(terminal.lastFrame, /live · Ctrl-C ends/);

    terminal.type(CTRL_C);
    await terminal.shows(/\x1b\[\?25h\x1b\[\?1049l[^]*demo\/demo\/4 +3[^]*code=0/);
    await terminal.shows(/[^-]\becho\b/);
  });

  it('is drawn anew when the size changes', async (t) => {
    const terminal = new TerminalProgram(
      `stty cols 80 rows 20; (read go; stty cols 30) </dev/tty & '${CLI}' watch demo/demo/4`, env);
    t.after(() => terminal.kill());
    await until(() => /LAST 30 S/.test(terminal.lastFrame), 5000, () => terminal.shown);
    terminal.type('\n');
    await until(() => !/LAST 30 S/.test(terminal.lastFrame) && /COUNTER/.test(terminal.lastFrame), 5000, () => terminal.lastFrame);
  });

  it('has no colours where NO_COLOR says so, and no redrawing on a dumb one', async (t) => {
    const plain = new TerminalProgram(`'${CLI}' watch demo/demo/6`, { ...env, NO_COLOR: '1' });
    t.after(() => plain.kill());
    await until(() => /demo\/demo\/6/.test(plain.lastFrame), 5000);
    assert.doesNotMatch(plain.shown, /\x1b\[[0-9;]*m/);
    const dumb = new TerminalProgram(`'${CLI}' watch demo/demo/6 --updates=1`, { ...env, TERM: 'dumb' });
    t.after(() => dumb.kill());
    await dumb.shows(/Z demo\/demo\/6 hits=0 present=0/);
    assert.doesNotMatch(dumb.shown, /\x1b/);
  });
});

describe('a password', () => {
  it('is asked for without being shown, and Ctrl-C gives the echo back', async (t) => {
    const terminal = new TerminalProgram(`'${CLI}' signin a@b.example; echo "code=$?"; stty -a; read go`, env);
    t.after(() => terminal.kill());
    await terminal.shows(/Password: $/);
    terminal.type(`secret-word${CTRL_C}`);
    await terminal.shows(/code=1[^]*[^-]\becho\b/);
    assert.match(terminal.shown, /nothing was entered/);
    assert.doesNotMatch(terminal.shown, /secret-word/);
  });
});

describe('completion', () => {
  const completed = (line) => new Promise((resolve, reject) => {
    const script = `PATH="$(dirname '${CLI}'):$PATH"; source <(livecounterctl completion bash); COMP_LINE=$1; COMP_POINT=\${#1}; `
      + 'compopt() { :; }; _livecounterctl; printf "%s\\n" "${COMPREPLY[@]}"';
    execFile('bash', ['-c', script, 'bash', line], { env: { ...process.env, ...env } },
      (error, stdout) => (error ? reject(error) : resolve(stdout.split('\n').filter(Boolean))));
  });

  it('offers commands, flags and values in bash', async () => {
    assert.deepEqual(await completed('livecounterctl account de'), ['deactivate', 'delete']);
    assert.deepEqual(await completed('livecounterctl counter increment --b'), ['--by=']);
    assert.deepEqual(await completed('livecounterctl counter list --output='), ['json', 'table']);
    assert.deepEqual(await completed('livecounterctl completion '), ['bash', 'fish', 'zsh']);
  });

  const run = (shell, args) => new Promise((resolve, reject) => {
    execFile(shell, args, { env: { ...process.env, ...env, PATH: `${path.dirname(CLI)}:${process.env.PATH}` } },
      (error, stdout, stderr) => (error ? reject(new Error(`${error}\n${stderr}`)) : resolve(stdout.split('\n').filter(Boolean))));
  });

  // What stands before the last word is not typed; compadd and _files are told by zsh's line editor, which is not there.
  const SCRIPT_OF_ZSH = `compdef() { :; }; source <(livecounterctl completion zsh)
    compadd() { local suffix=; [[ $1 == -S ]] && { suffix=" open"; shift 2; }; shift; for each; do print -r -- "$each$suffix"; done; }
    _files() { print -r -- files; }
    words=("$@"); CURRENT=$#; _livecounterctl`;

  it('offers them in zsh', async () => {
    const completed = (...words) => run('zsh', ['-f', '-c', SCRIPT_OF_ZSH, 'zsh', 'livecounterctl', ...words]);
    assert.deepEqual(await completed('account', 'de'), ['deactivate', 'delete']);
    assert.deepEqual(await completed('counter', 'increment', '--b'), ['--by= open'], 'no blank follows it');
    assert.deepEqual(await completed('counter', 'list', '--output='), ['--output=json', '--output=table']);
    assert.deepEqual(await completed('completion', ''), ['bash', 'fish', 'zsh']);
    assert.deepEqual(await completed('counter', 'get', 'x'), ['files']);
  });

  it('offers them in fish', async () => {
    const completed = (line) => run('fish', ['--no-config', '-c', 'livecounterctl completion fish | source; complete -C $argv[1]', line]);
    assert.deepEqual(await completed('livecounterctl account de'), ['deactivate', 'delete']);
    assert.deepEqual(await completed('livecounterctl counter increment --b'), ['--by=']);
    assert.deepEqual(await completed('livecounterctl counter list --output='), ['--output=json', '--output=table']);
    assert.deepEqual(await completed('livecounterctl completion '), ['bash', 'fish', 'zsh']);
    assert.deepEqual(await completed(`livecounterctl counter get ${env.HOME}/dat`), [`${env.HOME}/data/`]);
  });
});

describe('exit codes', () => {
  it('are 0 for done, 1 for failed, 2 for bad usage', async () => {
    assert.equal((await run('--check_config')).code, 0);
    assert.equal((await run('counter', 'get', 'demo/demo/nothing')).code, 1);
    assert.equal((await run('counter', 'get', 'demo/demo/1', '--token_file=nowhere')).code, 1);
    const { code, stderr } = await run('counter', 'gte', 'demo/demo/1');
    assert.equal(code, 2);
    assert.match(stderr, /did you mean counter get\?/);
  });

  it('and a wrong token is named without being shown', async () => {
    const { code, stderr } = await runToEnd('livecounterctl', ['counter', 'list', 'demo/demo'],
      { ...env, LIVECOUNTER_TOKEN: 'wrong-token' });
    assert.equal(code, 1);
    assert.match(stderr, /token/);
    assert.doesNotMatch(stderr, /wrong-token/);
  });
});
