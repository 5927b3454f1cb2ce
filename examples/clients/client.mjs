// Prints how many people are at URL_ID, one number a line: node client.mjs KEY URL_ID PRESENCE_ID GATEWAY...
// A GATEWAY is ws://host:port or wss://host. Node 22 or newer, Deno 2, Bun.
const [key, urlId, pId, ...gateways] = process.argv.slice(2);
const query = new URLSearchParams({ key, urlId, pId });
let tries = 0;

function connect() {
  const socket = new WebSocket(`${gateways[Math.floor(Math.random() * gateways.length)]}/sub?${query}`);
  const start = Date.now();
  let silence;
  function expectSound() { // the server repeats the number every 25 s
    clearTimeout(silence);
    silence = setTimeout(() => { socket.close(4000); comeBack({}); }, 60_000);
  }
  function comeBack({ code, reason = '' }) {
    clearTimeout(silence);
    socket.onmessage = socket.onerror = socket.onclose = null;
    if (code === 1008) { console.error(reason); process.exit(1); }
    if (Date.now() - start > 30_000) tries = 0;
    const hint = /^retry=(\d+)$/.exec(reason); // of a gateway that is being stopped
    const backOff = Math.random() * Math.min(60_000, 1000 * 2 ** tries++);
    setTimeout(connect, hint ? Number(hint[1]) : backOff);
  }
  socket.onmessage = ({ data }) => { expectSound(); if (/^\d+$/.test(data)) console.log(data); };
  socket.onerror = socket.onclose = comeBack;
  expectSound();
}
connect();
