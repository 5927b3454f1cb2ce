// kill -9 of counterd. Gateways stay, and their clients stay connected.
import { sleep } from '../../support/wait.mjs';

export async function hurt(cluster, random) {
  await cluster.counterd.kill();
  await sleep(random.upTo(2000));
  await cluster.startCounterd();
}
