// One gateway stands still for less than its lease: its clients wait, and nobody else sees it.
import { sleep } from '../../support/wait.mjs';

export const sparesCounterd = true;

export async function hurt(cluster, random) {
  const gateway = random.pick(cluster.gateways);
  gateway.pause();
  await sleep(random.upTo(4000));
  gateway.resume();
}
