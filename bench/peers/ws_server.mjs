// ws_server.mjs PORT: fan-out with npm's `ws` and plain event streams, as its documentation does it.
// GET /CHANNEL opens a WebSocket or an event stream; POST /CHANNEL sends its body to all of them.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tests/node/package.json', import.meta.url));
const { WebSocketServer } = require('ws');

const channels = new Map();
function channelOf(request) {
  const name = request.url.slice(1);
  if (!channels.has(name)) channels.set(name, { sockets: new Set(), streams: new Set() });
  return channels.get(name);
}

function publish({ sockets, streams }, number) {
  for (const socket of sockets) socket.send(number);
  for (const stream of streams) stream.write(`data: ${number}\n\n`);
}

const server = createServer((request, response) => {
  const channel = channelOf(request);
  if (request.method === 'POST') {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      publish(channel, body);
      response.setHeader('Content-Length', 0);
      response.end();
    });
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.flushHeaders();
  channel.streams.add(response);
  response.on('close', () => channel.streams.delete(response));
});

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on('upgrade', (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    const { sockets } = channelOf(request);
    sockets.add(webSocket);
    webSocket.on('close', () => sockets.delete(webSocket));
    webSocket.on('error', () => {}); // a reset, which `close` follows
  });
});

server.keepAliveTimeout = 0;
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
