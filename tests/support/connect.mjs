// The console as foreign clients of the Connect protocol meet it: @connectrpc/connect-web, with descriptors
// that buf makes of the .proto files.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './packages.mjs';

export const connect = load('@connectrpc/connect');
const connectWeb = load('@connectrpc/connect-web');
const protobuf = load('@bufbuild/protobuf');
const protobufWkt = load('@bufbuild/protobuf/wkt');

const root = fileURLToPath(new URL('../..', import.meta.url));
const buf = path.join(root, 'tests/node/node_modules/.bin/buf');
export const protoFolder = path.join(root, 'proto');

// Runs buf to its end; what it printed.
export function runBuf(args) {
  return execFileSync(buf, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

let registry;

// A service by its full name, as a client of Connect takes it.
export function serviceDescriptor(name) {
  if (!registry) {
    const set = execFileSync(buf, ['build', protoFolder, '--as-file-descriptor-set', '-o', '-']);
    registry = protobuf.createFileRegistry(protobuf.fromBinary(protobufWkt.FileDescriptorSetSchema, set));
  }
  return registry.getService(name);
}

// A client of one service at the console `base` ("host:port").
export function connectClient(base, service, { token, binary = false } = {}) {
  const authorize = (next) => (request) => {
    if (token) request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
  const transport = connectWeb.createConnectTransport({
    baseUrl: `http://${base}/api`, useBinaryFormat: binary, interceptors: [authorize],
  });
  return connect.createClient(serviceDescriptor(service), transport);
}
