// kill -9 of counterd and of one gateway, at moments of their own; each comes back when it does.
import { sleep } from '../../support/wait.mjs';
import { hurt as killCounterd } from './counterd_killed.mjs';
import { hurt as killGateway } from './gateway_killed.mjs';

export async function hurt(cluster, random) {
  const lag = random.upTo(1000);
  await Promise.all([
    killCounterd(cluster, random.fork()),
    sleep(lag).then(() => killGateway(cluster, random.fork())),
  ]);
}
