// The client on a customer's page: another origin than the gateway, under a strict Content-Security-Policy,
// as a classic script and as a module.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, it } from 'node:test';
import { startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';
import { launch, openTab } from './browser.mjs';

let browser;
let server;
let gateway;
before(async () => { [browser, server] = await Promise.all([launch(), startAllInOne()]); gateway = server.address.http; });
after(() => Promise.all([browser?.close(), server?.kill()]));

// Serves one page with its script, allowing no more than the gateway.
async function servePage(t, { html, script }) {
  const policy = `default-src 'none'; script-src 'self' http://${gateway}; connect-src ws://${gateway}; img-src data:; base-uri 'none'`;
  const site = http.createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8',
      'content-security-policy': policy,
    });
    response.end(isScript ? script : `<!doctype html><link rel="icon" href="data:,"><p id="here">–</p>${html}`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => site.close());
  return `http://127.0.0.1:${site.address().port}/`;
}

const pages = {
  'a classic script': {
    html: `<script src="http://GATEWAY/client.js"></script><script src="/page.js"></script>`,
    script: `window.handle = watchly.connect(document.getElementById('here'), { key: 'demo', urlId: 'classic' });`,
    urlId: 'classic',
  },
  'a module': {
    html: '<script type="module" src="/page.js"></script>',
    script: `import { connect } from 'http://GATEWAY/client.mjs';
      window.handle = connect(document.getElementById('here'), { key: 'demo', urlId: 'module' });`,
    urlId: 'module',
  },
};

for (const [name, { html, script, urlId }] of Object.entries(pages)) {
  it(`counts from ${name}, blocked by nothing`, async (t) => {
    const fill = (text) => text.replace('GATEWAY', gateway);
    const url = await servePage(t, { html: fill(html), script: fill(script) });
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await openTab(context, url);
    const observer = await new Socket(gateway, subPath({ urlId, pId: 'observer', i: 'f' })).opened();
    t.after(() => observer.ws.terminate());
    await until(async () => (await page.textContent('#here')) === '1', 5000, 'counted');
    await observer.untilValue(1);
    await page.evaluate(() => window.handle.close());
    await observer.untilValue(0, 3000);
    assert.equal(await page.textContent('#here'), '1', 'keeps its last number');
    assert.deepEqual(page.troubles, []);
  });
}
