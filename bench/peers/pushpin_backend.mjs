// pushpin_backend.mjs PORT: what stands behind Pushpin (GRIP): lets every WebSocket and event stream that it
// is asked about watch the channel in its path.
import { createServer } from 'node:http';

function webSocketEvents(channel) {
  const subscribe = `c:${JSON.stringify({ type: 'subscribe', channel })}`;
  return `OPEN\r\nTEXT ${subscribe.length.toString(16)}\r\n${subscribe}\r\n`;
}

const server = createServer((request, response) => {
  const channel = request.url.slice(1);
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (text) => (body += text));
  request.on('end', () => {
    if (request.headers['content-type'] === 'application/websocket-events') {
      const answer = body.startsWith('OPEN') ? webSocketEvents(channel) : '';
      response.writeHead(200, {
        'Content-Type': 'application/websocket-events',
        'Sec-WebSocket-Extensions': 'grip',
        'Content-Length': answer.length,
      });
      response.end(answer);
    } else {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Grip-Hold': 'stream',
        'Grip-Channel': channel,
        'Content-Length': 0,
      });
      response.end();
    }
  });
});

server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
