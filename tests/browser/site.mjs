// A customer's site: another origin than the gateway, with a strict Content-Security-Policy.
import { once } from 'node:events';
import http from 'node:http';

const SCRIPT_PATH = '/page.js';

// Serves one page with its script, which may load scripts from and connect to the `gateways` ("host:port"), and
// nothing else: no styles, nothing inline; or whatever it likes, where it is not strict. The page's address; the site
// ends with the test `t`.
export async function servePage(t, { gateways, html, script = '', isStrict = true }) {
  const sources = (scheme) => gateways.map((gateway) => `${scheme}://${gateway}`).join(' ');
  const policy = `default-src 'none'; script-src 'self' ${sources('http')}; connect-src ${sources('ws')} ${sources('http')}; ` +
    "img-src data:; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  const site = http.createServer((request, response) => {
    const isScript = request.url === SCRIPT_PATH;
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8',
      ...(isStrict && { 'content-security-policy': policy }),
    });
    response.end(isScript ? script : `<!doctype html><link rel="icon" href="data:,">${html}`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  return `http://127.0.0.1:${site.address().port}/`;
}
