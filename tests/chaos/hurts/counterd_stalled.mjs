// counterd stands still for a while, as when its machine swaps or its disk hangs. Nobody is closed.
import { sleep } from '../../support/wait.mjs';

export const sparesCounterd = true;

export async function hurt(cluster, random) {
  cluster.counterd.pause();
  await sleep(random.upTo(4000));
  cluster.counterd.resume();
}
