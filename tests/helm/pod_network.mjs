// A network for pods on one machine: a bridge in this process' own network, and a cable from it into each
// pod's. Needs root and `ip`. All of it goes with the pods and this process.
import { execFileSync } from 'node:child_process';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const BRIDGE = 'pods0';
const HARDWARE = '02:00:0a:4e:00:01';
const HERE = '10.78.0.1';
const PODS = '10.78.2';
const SERVICES = '10.78.1';

export class PodNetwork {
  #pods = 0;
  #services = 0;

  constructor() {
    ip('link', 'set', 'lo', 'up');
    // An address of its own: else it takes its lowest port's, and with each pod that comes or goes the others
    // may speak to one that is not there any more.
    ip('link', 'add', BRIDGE, 'address', HARDWARE, 'type', 'bridge');
    ip('address', 'add', `${HERE}/16`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  }

  // An address for a pod, for as long as it is wanted, and the name of its cable.
  reserve() {
    this.#pods += 1;
    return { address: `${PODS}.${this.#pods}`, cable: `pod${this.#pods}` };
  }

  // Gives the network of process `pid` the address.
  attach({ address, cable }, pid) {
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
    ip('link', 'set', cable, 'master', BRIDGE, 'up');
    for (const args of [['link', 'set', 'lo', 'up'], ['address', 'add', `${address}/16`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'], ['route', 'add', 'default', 'via', HERE]]) {
      execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    }
  }

  // An address of this process for a Service.
  addService() {
    this.#services += 1;
    const address = `${SERVICES}.${this.#services}`;
    ip('address', 'add', `${address}/16`, 'dev', BRIDGE);
    return address;
  }

  remove() {
    ip('link', 'delete', BRIDGE);
  }
}
