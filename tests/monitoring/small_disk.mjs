// A disk of its own for one program, of a size that can be filled: a tmpfs that nobody else sees, with the program's
// syncs as slow as it is told (slow_disk.cc). It outlives the program, and goes with the test.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scratchFolder } from '../support/programs.mjs';
import { until } from '../support/wait.mjs';
import { beside, mounted } from './mounts.mjs';

export class SmallDisk {
  #fillers = 0;

  static async mount(megabytes) {
    const disk = new SmallDisk();
    disk.folder = path.join(scratchFolder(), 'disk');
    disk.delayFile = path.join(scratchFolder(), 'sync-delay');
    mkdirSync(disk.folder);
    const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs "${disk.folder}" && touch "${disk.folder}/mounted"`;
    disk.holder = spawn('setpriv', ['--pdeathsig', 'KILL', ...mounted(mount), 'sleep', 'infinity'], { stdio: 'ignore' });
    await until(() => existsSync(disk.#file('mounted')), 5000, 'the disk is mounted');
    // How a program gets the disk.
    disk.surrounding = beside(disk.holder.pid);
    disk.env = { LD_PRELOAD: process.env.LIVECOUNTER_SLOW_DISK, LIVECOUNTER_TEST_SYNC_DELAY: disk.delayFile };
    return disk;
  }

  // As the holder of the disk sees it.
  #file(name) {
    return path.join(`/proc/${this.holder.pid}/root`, this.folder, name);
  }

  slowDown(milliseconds) {
    writeFileSync(this.delayFile, `${milliseconds}\n`);
  }

  fill(bytes) {
    writeFileSync(this.#file(`filler-${this.#fillers++}`), Buffer.alloc(bytes));
  }

  // To the last byte.
  fillUp() {
    for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
      try {
        for (;;) this.fill(bytes);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
        truncateSync(this.#file(`filler-${this.#fillers - 1}`), 0);
      }
    }
  }

  makeRoom() {
    while (this.#fillers > 0) rmSync(this.#file(`filler-${--this.#fillers}`), { force: true });
  }

  remove() {
    this.holder.kill('SIGKILL');
  }
}
