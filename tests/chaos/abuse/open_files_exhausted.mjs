// More connections than the gateway may open files, then a limit below what it has open already. When they
// have gone it serves again, by itself and under the low limit.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sleep, until } from '../../support/wait.mjs';
import { hasAddressSanitizer } from '../../support/process_stats.mjs';
import { RawSocket, upgradeHead } from '../raw_socket.mjs';

export const needsGatewayOfItsOwn = true;

const SUB = '/sub?urlId=files&key=demo&pId=files';
const ROOM = 100;

function limitFiles(pid, most) {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`]);
}

const fileLimit = (pid) => Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);

// Whether a viewer gets in.
async function isServed(host) {
  const socket = new RawSocket(host);
  socket.write(upgradeHead(SUB));
  const isOpen = await Promise.race([socket.got('HTTP/1.1 101'), sleep(1000)]);
  socket.destroy();
  return isOpen === true;
}

export async function abuse(target) {
  const usual = fileLimit(target.pid);
  const low = Math.ceil((target.descriptors + ROOM) * 4 / 3); // connections may have three quarters of all
  try {
    limitFiles(target.pid, low);
    const crowd = target.keep(3 * ROOM, () => {
      const socket = new RawSocket(target.host);
      socket.write(upgradeHead(SUB));
      return socket;
    });
    await until(async () => !await isServed(target.host), 10_000, 'turned away while no file can be opened');
    // UndefinedBehaviorSanitizer opens a pipe to see whether memory is there, and takes none for a fault.
    if (!hasAddressSanitizer(target.pid)) limitFiles(target.pid, target.descriptors - ROOM / 2);
    const { made, ended } = await crowd;
    limitFiles(target.pid, low);
    assert.ok(ended > 0, `none of ${made} was turned away`);
    const start = performance.now();
    await until(() => isServed(target.host), 10_000, 'served again when the crowd had gone');
    return { made, turnedAway: ended, servedAgainMs: Math.round(performance.now() - start) };
  } finally {
    limitFiles(target.pid, usual);
  }
}
