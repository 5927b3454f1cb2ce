// kill -9 of one gateway. Its clients go to the other one, or back.
import { sleep } from '../../support/wait.mjs';

export const sparesCounterd = true;

export async function hurt(cluster, random) {
  const index = Math.floor(random.upTo(cluster.gateways.length));
  await cluster.gateways[index].kill();
  await sleep(random.upTo(2000));
  await cluster.startGateway(index);
}
