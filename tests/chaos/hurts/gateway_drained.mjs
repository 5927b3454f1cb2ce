// SIGTERM to one gateway, as in every deploy: it sends its clients away and another takes its place.
import assert from 'node:assert/strict';

export const sparesCounterd = true;

export async function hurt(cluster, random) {
  const index = Math.floor(random.upTo(cluster.gateways.length));
  assert.equal(await cluster.gateways[index].stop(), 0, 'exit code of a drained gateway');
  await cluster.startGateway(index);
}
