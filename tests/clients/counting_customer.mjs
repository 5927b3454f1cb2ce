// A customer's server in a process of its own, so that nothing else of a test makes it late: users whose presence
// ID begins with `good` or is `w-valid` may count. Started with fork(): argv[2] is { key, delayMs }; it sends { uri }
// when it serves. The message 'count' is answered with what came since the last one: { calls, users, peak }.
import { once } from 'node:events';
import http from 'node:http';

const { key, delayMs } = JSON.parse(process.argv[2]);
let calls = 0;
let underWay = 0;
let peak = 0;
let users = new Set();

const server = http.createServer((request, answer) => {
  calls += 1;
  underWay += 1;
  peak = Math.max(peak, underWay);
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    const { pId } = JSON.parse(body);
    users.add(pId);
    setTimeout(() => {
      underWay -= 1;
      answer.writeHead(/^(good|w-valid$)/.test(pId) ? 200 : 401);
      answer.end(key);
    }, delayMs);
  });
}).listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
await once(server, 'listening');

process.on('message', () => {
  process.send({ calls, users: users.size, peak });
  calls = 0;
  peak = underWay;
  users = new Set();
});
process.send({ uri: `http://127.0.0.1:${server.address().port}/verify` });
