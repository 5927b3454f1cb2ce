// Two machines with a cable between them, on one machine: network namespaces. The test runs in the first,
// a program in the second; nothing outside is touched, and all of it goes with the last process.
//
// Cables are cut without a trace: whoever sends addresses a card that does not exist, so that bytes are lost
// and no error comes back, in one direction or both.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { until } from '../support/wait.mjs';

const NOWHERE = '02:00:00:00:00:ff';
const OWN_NETWORK = 'LIVECOUNTER_TEST_OWN_NETWORK';
const WAYS = [['unshare', '--net'], ['unshare', '--user', '--map-root-user', '--net']];

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const works = ([command, ...args]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

// Runs this very script in a network of its own and ends with its exit code; returns in there, with nothing,
// or where that cannot be, with the reason.
export function moveToOwnNetwork() {
  if (process.env[OWN_NETWORK]) return undefined;
  if (!works(['ip', '-Version'])) return 'there is no `ip` (package iproute2)';
  const way = WAYS.find((command) => works([...command, 'ip', 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1']));
  if (!way) return 'network namespaces are not permitted here';
  const { status } = spawnSync('setpriv', ['--pdeathsig', 'KILL', ...way, process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [OWN_NETWORK]: '1' } });
  return process.exit(status ?? 1);
}

// A machine beside this one; `command` runs a program on it.
export class Neighbour {
  static async add() {
    ip('link', 'set', 'lo', 'up');
    const neighbour = new Neighbour();
    neighbour.holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    const network = (pid) => readlinkSync(`/proc/${pid}/ns/net`);
    await until(() => network(neighbour.holder.pid) !== network('self'), 5000, 'a second network');
    neighbour.command = ['nsenter', `--net=/proc/${neighbour.holder.pid}/ns/net`];
    neighbour.#run('link', 'set', 'lo', 'up');
    return neighbour;
  }

  #run(...args) {
    const [command, ...before] = this.command;
    execFileSync(command, [...before, 'ip', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  // A cable to it: here is 10.77.NUMBER.1, there 10.77.NUMBER.2.
  connect(number) {
    const end = (side) => ({ name: `cable${number}side${side}`, address: `10.77.${number}.${side}`, card: `02:00:00:00:0${number}:0${side}` });
    const [here, there] = [end(1), end(2)];
    ip('link', 'add', here.name, 'address', here.card, 'type', 'veth', 'peer', 'name', there.name, 'address', there.card);
    ip('link', 'set', there.name, 'netns', String(this.holder.pid));
    const ends = [[ip, here, there], [(...args) => this.#run(...args), there, here]];
    for (const [run, { name, address }] of ends) {
      run('address', 'add', `${address}/30`, 'dev', name);
      run('link', 'set', name, 'up');
    }
    const [sendThere, sendHere] = ends.map(([run, { name }, { address, card }]) => (isCut) =>
      run('neighbour', 'replace', address, 'lladdr', isCut ? NOWHERE : card, 'dev', name, 'nud', 'permanent'));
    const cable = {
      here: here.address,
      there: there.address,
      cut: { there: () => sendThere(true), here: () => sendHere(true) }, // what is sent in that direction is lost
      heal: () => [sendThere, sendHere].forEach((send) => send(false)),
    };
    cable.heal();
    return cable;
  }

  remove() {
    this.holder.kill('SIGKILL');
  }
}
