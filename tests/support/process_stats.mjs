// What the kernel knows of a process.
import { readdirSync, readFileSync } from 'node:fs';
import { sleep } from './wait.mjs';

const TICK_MS = 10; // of /proc/PID/stat: USER_HZ is 100

const status = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const rssBytes = (pid) => 1024 * status(pid, 'VmRSS');

// AddressSanitizer reserves terabytes of addresses, and keeps freed memory for a while.
export const hasAddressSanitizer = (pid) => status(pid, 'VmSize') > 2 ** 30;

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

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
