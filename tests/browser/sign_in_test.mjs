// Signing in at the console with a real browser: the session is a cookie that the browser keeps and sends, and
// nothing that a script can read; it ends with the sign-out, with its time, and at the counter service at once
// (contract §5).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { request } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { launch, openTab, startAll } from './browser.mjs';

const COOKIE = 'livecounter_session';
const MONTH_S = 30 * 24 * 3600;

describe('a browser at the console', () => {
  const folder = scratchFolder();
  let browser;
  let server;
  let origin;
  let customers = 0;

  before(async () => {
    [browser, server] = await startAll(launch(), startAllInOne({ folder }));
    origin = `http://${server.address.console}`;
  });
  after(() => Promise.all([browser?.close(), server?.kill()]));

  // A tab of a browser of its own, on a page of the console.
  async function openConsole(t) {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await openTab(context, `${origin}/`);
    page.cookie = async () => (await context.cookies()).find(({ name }) => name === COOKIE);
    return page;
  }

  // What the page's script gets from a method: { status, code, body }.
  const call = (page, method, body = {}) => page.evaluate(async ([path_, message]) => {
    const answer = await fetch(path_, { method: 'POST', headers: { 'content-type': 'application/json' }, body: message });
    const said = await answer.json();
    return { status: answer.status, code: said.code, body: said };
  }, [`/api/livecounter.v1.AdminService/${method}`, JSON.stringify(body)]);

  const newCustomer = () => ({ email: `customer${++customers}@shop.example`, password: 'correct horse' });

  it('signs up, is known by its cookie alone, signs out', async (t) => {
    const page = await openConsole(t);
    const customer = newCustomer();
    assert.equal((await call(page, 'GetSession')).code, 'unauthenticated');
    const { status, body } = await call(page, 'SignUp', customer);
    assert.equal(status, 200);
    assert.equal(body.token, '', 'no script gets the token');

    const cookie = await page.cookie();
    assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/']);
    assert.ok(Math.abs(cookie.expires - Date.now() / 1000 - MONTH_S) < 60, 'it lasts as long as the session');
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script reads it');
    assert.equal((await call(page, 'GetSession')).body.account, body.account);
    await page.reload();
    assert.equal((await call(page, 'GetSession')).body.account, body.account);
    const { body: own } = await call(page, 'GetAccount', { name: body.account });
    assert.deepEqual([own.email, own.state], [customer.email, 'INACTIVE']);
    assert.equal((await call(page, 'GetAccount', { name: 'accounts/demo' })).code, 'not_found');

    assert.equal((await call(page, 'SignOut')).status, 200);
    assert.equal(await page.cookie(), undefined);
    assert.equal((await call(page, 'GetSession')).code, 'unauthenticated');
    // Whoever kept the cookie has nothing: the session is over, not only forgotten.
    const kept = await request(server.address.console, '/api/livecounter.v1.AdminService/GetSession', {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${cookie.value}` }, body: '{}',
    });
    assert.equal(kept.status, 401);
  });

  it('is out at once where another browser changes the password', async (t) => {
    const [mine, other] = [await openConsole(t), await openConsole(t)];
    const customer = newCustomer();
    await call(mine, 'SignUp', customer);
    assert.equal((await call(other, 'SignIn', customer)).status, 200);
    assert.equal((await call(other, 'GetSession')).status, 200);
    const changed = await call(mine, 'SetPassword', { currentPassword: customer.password, newPassword: 'battery staple' });
    assert.equal(changed.status, 200);
    assert.equal((await call(mine, 'GetSession')).status, 200);
    assert.equal((await call(other, 'GetSession')).code, 'unauthenticated');
    assert.equal((await call(other, 'SignIn', customer)).code, 'unauthenticated');
  });

  it('is slowed down when it guesses, and told for how long', async (t) => {
    const page = await openConsole(t);
    const customer = newCustomer();
    await call(page, 'SignUp', customer);
    await call(page, 'SignOut');
    let guesses = 0;
    let answer;
    do answer = await call(page, 'SignIn', { ...customer, password: `guess ${++guesses} of it` });
    while (answer.code === 'unauthenticated' && guesses < 15); // of ten, and one more every ten seconds
    assert.equal(answer.code, 'resource_exhausted');
    assert.match(answer.body.message, /too many attempts have failed; try again in \d+ s/);
    assert.ok(guesses > 10, `${guesses} guesses`);
    assert.equal((await call(page, 'SignIn', customer)).code, 'resource_exhausted', 'the right one has to wait, too');
    assert.equal(await page.cookie(), undefined);
  });

  it('sends its cookie from no page of another origin', async (t) => {
    const page = await openConsole(t);
    await call(page, 'SignUp', newCustomer());
    // The same host at another port is another origin and yet the same site, whose requests have the cookie.
    const neighbour = http.createServer((_, response) => response.end('<!doctype html>')).listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    t.after(() => neighbour.close());
    await page.goto(`http://127.0.0.1:${neighbour.address().port}/`);
    const outcomes = await page.evaluate(async (url) => {
      const post = (options) => fetch(url, { method: 'POST', credentials: 'include', body: '{}', ...options })
        .then(() => 'answered', () => 'blocked');
      return [await post({ headers: { 'content-type': 'application/json' } }), await post({ mode: 'no-cors' })];
    }, `${origin}/api/livecounter.v1.AdminService/SignOut`);
    assert.deepEqual(outcomes, ['blocked', 'blocked']);
    await page.goto(`${origin}/`);
    assert.equal((await call(page, 'GetSession')).status, 200, 'the session is still there');
  });

  it('is signed out when the operator deletes the account', async (t) => {
    const page = await openConsole(t);
    const { body } = await call(page, 'SignUp', newCustomer());
    const token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
    const deleted = await request(server.address.console, '/api/livecounter.v1.AdminService/DeleteAccount', {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ name: body.account }),
    });
    assert.equal(deleted.status, 200, deleted.text);
    assert.equal((await call(page, 'GetSession')).code, 'unauthenticated');
  });
});
