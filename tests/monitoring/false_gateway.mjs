// A gateway that holds nothing and says otherwise: the fault that the audit of presence is there for.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { grpc, protoLoader } from '../support/packages.mjs';
import { within } from '../support/wait.mjs';
import { repository } from './dashboards.mjs';

const { livecounter } = grpc.loadPackageDefinition(protoLoader.loadSync('livecounter/v1/edge_service.proto', {
  includeDirs: [repository('proto')], keepCase: true, longs: Number,
}));

// Attaches, sends the digest of a share that is not its own, is asked to send everything again, and leaves.
export async function sendFalseDigest(address, token) {
  const client = new livecounter.v1.EdgeService(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const stream = client.Attach(metadata);
  const frames = [];
  stream.on('data', (frame) => frames.push(frame));
  stream.on('error', () => {});
  const answered = async (what, wanted) => {
    while (!frames.some(wanted)) await within(5000, once(stream, 'data'), what);
  };
  stream.write({ hello: { holder: randomBytes(16), stream: 1, highest_epoch: 0 } });
  await answered('a welcome', ({ welcome }) => welcome);
  stream.write({ resend_begin: true });
  stream.write({ resend_end: true });
  stream.write({ audit: { high: 1, low: 2, entries: 3 } });
  await answered('the wish for everything', ({ resend_wanted }) => resend_wanted);
  stream.write({ detach: { linger: { seconds: 0 } } });
  stream.end();
  await within(5000, once(stream, 'close'), 'the end of the session').finally(() => client.close());
}
