// Plain HTTP for tests: nothing added, nothing hidden.
import http from 'node:http';
import net from 'node:net';
import { within } from './wait.mjs';

// One request to `base` ("host:port"); resolves with { status, headers, text }, also for errors of the
// server, and rejects when there is no answer. `agent` keeps connections; by default each request has
// its own.
export function request(base, path, { method = 'GET', headers = {}, body, agent = false, ms = 10_000 } = {}) {
  const { hostname, port } = new URL(`http://${base}`);
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ host: hostname, port, path, method, headers, agent });
    outgoing.on('response', (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode, headers: incoming.headers, text });
      });
    });
    outgoing.setTimeout(ms, () => outgoing.destroy(new Error(`no answer in ${ms} ms to ${method} ${path}`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const get = (base, path, headers) => request(base, path, { headers });
export const post = (base, path, headers, body) => request(base, path, { method: 'POST', headers, body });

// The number of a hit counter, read past any cache of the text form.
export async function hitsOf(base, id) {
  const answer = await get(base, `/counters/${id}/`, { accept: 'application/json' });
  if (answer.status !== 200) throw new Error(`counter ${id}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text).value;
}

// Sends bytes as they are and resolves with all that comes back until the server closes.
export function exchangeRaw(base, bytes, ms = 12_000) {
  const { hostname, port } = new URL(`http://${base}`);
  const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
  const closed = new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  return within(ms, closed, 'closed by the server').finally(() => socket.destroy());
}
