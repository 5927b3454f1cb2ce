// The dashboard of a livecounter all-in-one, for tests and pictures: who signs in, what is there to see.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { resolve } from '../support/packages.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { openTab } from './browser.mjs';

export const PASSWORD = 'a sentence is a good one';

// A server, its operator's token, and where its console and its gateway are.
export class Deployment {
  static async start({ flags = [] } = {}) {
    const deployment = new Deployment();
    const folder = scratchFolder();
    deployment.server = await startAllInOne({ folder, flags: ['--verifier_allow_private_networks=127.0.0.0/8', ...flags] });
    deployment.token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
    deployment.console = `http://${deployment.server.address.console}`;
    deployment.edge = `http://${deployment.server.address.http}`;
    return deployment;
  }

  // One method of the API, as the operator: what it answers.
  async call(method, message) {
    const response = await fetch(`${this.console}/api/livecounter.v1.${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(message),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${method}: ${body.code}: ${body.message}`);
    return body;
  }

  stop() {
    return this.server.kill();
  }
}

// A page of the dashboard in `context`, at `where`. page.requests has what it asked for.
export async function openDashboard(context, deployment, where = '/') {
  const page = await openTab(context, 'about:blank');
  page.requests = [];
  page.on('request', (request) => page.requests.push(request.url()));
  await page.goto(deployment.console + where);
  return page;
}

export async function signUp(page, { name, email }) {
  await page.getByText('I am new').click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
}

export async function signInAsOperator(page, deployment) {
  await page.getByRole('button', { name: 'I run this server' }).click();
  await page.getByLabel('Operator’s token').fill(deployment.token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Accounts' }).waitFor();
}

// Answers a dialog that asks for `word` before it lets `button` be pressed.
export async function confirmByTyping(page, word, button) {
  const dialog = page.getByRole('dialog');
  const pressed = dialog.getByRole('button', { name: button });
  assert.equal(await pressed.isDisabled(), true, 'not before it is confirmed');
  await dialog.getByLabel(/^Type /).fill(`not ${word}`);
  assert.equal(await pressed.isDisabled(), true, 'not with another word');
  await dialog.getByLabel(/^Type /).fill(word);
  await pressed.click();
}

// A customer's own site: its page at /, with what `page.html` says, and its endpoint at /verify, which knows `users`.
export class CustomerSite {
  html = '';
  key = '';
  users = new Set(['w-valid']);

  static async start() {
    const site = new CustomerSite();
    site.server = http.createServer((request, response) => void site.#answer(request, response));
    site.server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
    await once(site.server, 'listening');
    site.origin = `http://127.0.0.1:${site.server.address().port}`;
    return site;
  }

  async #answer(request, response) {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html;charset=utf-8' });
      // Who the visitor is would come from a session; here the address says it.
      const visitor = new URL(request.url, this.origin).searchParams.get('as') ?? 'nobody';
      response.end(this.html.replaceAll('VISITOR', visitor));
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(this.users.has(JSON.parse(body).pId) ? 200 : 401);
    response.end(this.key);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

const axeSource = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');

// What axe-core finds wrong with the page as it is shown: none is [].
export async function accessibilityFindings(page) {
  // Runs in the page's world but not as a script of the page, so its policy may be strict.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`);
  });
}
