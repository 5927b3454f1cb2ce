// A site with sign-in whose visitors are counted only while they are signed in. Everybody sees the number.
//
//   LIVECOUNTER_API_KEY=… LIVECOUNTER_SIGNING_SECRET=whsec_… node server.mjs
//
// and then, as the product's verification endpoint, https://your-site.example/verify.
import { once } from 'node:events';
import http from 'node:http';
import { Sessions } from './sessions.mjs';
import { answer } from './verify.mjs';

const apiKey = setting('LIVECOUNTER_API_KEY');
const signingSecret = setting('LIVECOUNTER_SIGNING_SECRET');
const gateway = setting('LIVECOUNTER_GATEWAY', 'http://127.0.0.1:8080');
const port = Number(setting('PORT', '3000'));

const MAX_BODY_BYTES = 4096;
const sessions = new Sessions();

function setting(name, otherwise) {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
}

// `user` is undefined where nobody is signed in: then the page watches and does not count.
function page(user) {
  const who = user === undefined ? 'view-only' : `p-id="${sessions.presenceId(user)}"`;
  const form = user === undefined
    ? '<form method="post" action="/sign-in"><input name="user" placeholder="Any name" required><button>Sign in</button></form>'
    : '<form method="post" action="/sign-out"><button>Sign out</button></form>';
  return `<!doctype html>
<meta charset="utf-8">
<title>Who is here</title>
<script src="${gateway}/client.js" async></script>
<p>Signed-in people here now: <live-counter key="${apiKey}" url-id="front page" ${who}>–</live-counter></p>
${form}
`;
}

function sessionIdOf(request) {
  return /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new Error('the body is too long');
  return Buffer.concat(chunks).toString();
}

const routes = {
  'GET /': (request) => {
    return { status: 200, type: 'text/html; charset=utf-8', body: page(sessions.userOf(sessionIdOf(request))) };
  },
  // Where yours asks for a password, this believes everybody.
  'POST /sign-in': async (request) => {
    const user = new URLSearchParams(await bodyOf(request)).get('user');
    if (!user) return { status: 400, body: 'a user has a name' };
    return toFrontPage(`session=${sessions.signIn(user)}; HttpOnly; SameSite=Lax; Path=/`);
  },
  'POST /sign-out': async (request) => {
    sessions.signOut(sessionIdOf(request));
    return toFrontPage('session=; Max-Age=0; Path=/');
  },
  'POST /verify': async (request) => {
    const mayCount = (presenceId) => sessions.has(presenceId);
    return answer({ headers: request.headers, body: await bodyOf(request) }, { apiKey, signingSecret, mayCount });
  },
};

function toFrontPage(cookie) {
  return { status: 303, headers: { location: '/', 'set-cookie': cookie } };
}

const server = http.createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`] ?? (() => ({ status: 404, body: 'not found' }));
  let result;
  try {
    result = await route(request);
  } catch (error) {
    console.error(error);
    result = { status: 500, body: 'internal error' };
  }
  const { status, type = 'text/plain', headers = {}, body = '' } = result;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
});
// The test opens 500 connections at once: let them wait to be accepted.
server.listen({ port, host: '127.0.0.1', backlog: 1024 });
await once(server, 'listening');
console.log(`listening on http://127.0.0.1:${server.address().port}`);
