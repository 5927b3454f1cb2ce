// What the kernel knows of a process.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sleep } from './wait.mjs';

const TICK_MS = 10; // of /proc/PID/stat: USER_HZ is 100

const status = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const rssBytes = (pid) => 1024 * status(pid, 'VmRSS');

// AddressSanitizer reserves terabytes of addresses, and keeps freed memory for a while.
export const hasAddressSanitizer = (pid) => status(pid, 'VmSize') > 2 ** 30;

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

// Open files by kind, such as { socket: 20, sst: 3 }: a file on disk by its extension or name.
export function openFilesByKind(pid) {
  const kinds = {};
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    let target;
    try {
      target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    } catch {
      continue; // closed meanwhile
    }
    const kind = /^(\w+):\[/.exec(target)?.[1] ?? /[^./]*$/.exec(target)[0];
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

function cpuMs(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12])); // utime, stime
}

// The share of a core that it uses during the next `ms`.
export async function cpuShare(pid, ms) {
  const [cpu, start] = [cpuMs(pid), performance.now()];
  await sleep(ms);
  return (cpuMs(pid) - cpu) / (performance.now() - start);
}
