// Programs in a terminal of their own, as somebody who types sees them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './wait.mjs';

export const CTRL_C = '\x03';

// A shell script whose standard input, output and terminal are a pseudo-terminal that `script` makes.
export class TerminalProgram {
  shown = '';

  constructor(shellScript, env = {}) {
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'script', '--quiet', '--flush', '--command', shellScript, '/dev/null'],
      { env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.on('data', (chunk) => { this.shown += chunk; });
    this.exited = once(this.child, 'close');
  }

  type(text) {
    this.child.stdin.write(text);
  }

  // Waits until the terminal has shown what `pattern` matches; the match.
  async shows(pattern, ms = 5000) {
    return until(() => this.shown.match(pattern), ms, () => `${pattern} in:\n${JSON.stringify(this.shown)}`);
  }

  // The lines that stand on it now, after its last redraw.
  get lastFrame() {
    return this.shown.slice(this.shown.lastIndexOf('\x1b[H')).replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
  }

  kill() {
    this.child.kill('SIGKILL');
    return this.exited;
  }
}
