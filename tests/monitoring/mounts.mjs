// Mounts that only one process and its children see. By root, or in a user namespace where those are permitted.
import { spawnSync } from 'node:child_process';

const WAYS = [
  { unshare: ['unshare', '--mount'], nsenter: ['--mount'] },
  { unshare: ['unshare', '--user', '--map-root-user', '--mount'], nsenter: ['--user', '--preserve-credentials', '--mount'] },
];
const works = ([command, ...args]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function way() {
  const found = WAYS.find(({ unshare }) => works([...unshare, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']));
  if (!found) throw new Error('neither root nor user namespaces may mount here');
  return found;
}

// What stands before a command, so that it runs where `script` has mounted something.
export function mounted(script) {
  return [...way().unshare, 'sh', '-c', `${script} && exec "$@"`, 'sh'];
}

// What stands before a command, so that it runs where the process with this id does.
export function beside(pid) {
  return ['nsenter', `--target=${pid}`, ...way().nsenter];
}
