// kill -9 of all programs at once, as when the machine is gone; they come back in any order.
import { sleep } from '../../support/wait.mjs';

export async function hurt(cluster, random) {
  await cluster.kill();
  const starts = [() => cluster.startCounterd(), ...cluster.hosts.map((_, i) => () => cluster.startGateway(i))];
  await Promise.all(starts.map(async (start) => {
    await sleep(random.upTo(1500));
    await start();
  }));
}
