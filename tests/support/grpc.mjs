// A gRPC client that knows nothing of us beforehand: it learns every service by reflection.
import { fileURLToPath } from 'node:url';
import { grpc, protoLoader } from './packages.mjs';

export const { status: Code } = grpc;

const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };

// What a proto file beside this one defines, as clients.
function loadProto(file) {
  return grpc.loadPackageDefinition(protoLoader.loadSync(fileURLToPath(new URL(`protos/${file}`, import.meta.url)), OPTIONS));
}

export class GrpcPeer {
  #clients = [];

  // `token` goes with every call; without one, none does.
  constructor(address, token) {
    this.address = address;
    this.metadata = new grpc.Metadata();
    if (token) this.metadata.set('authorization', `Bearer ${token}`);
    this.reflection = this.#connect(loadProto('reflection.proto').grpc.reflection.v1alpha.ServerReflection);
  }

  #connect(Client) {
    const client = new Client(this.address, grpc.credentials.createInsecure());
    this.#clients.push(client);
    return client;
  }

  #reflect(request) {
    return new Promise((resolve, reject) => {
      const call = this.reflection.ServerReflectionInfo();
      call.on('error', reject);
      call.on('data', (response) => {
        call.end();
        if (response.error_response) reject(new Error(response.error_response.error_message));
        else resolve(response);
      });
      call.write(request);
    });
  }

  async listServices() {
    const response = await this.#reflect({ list_services: '*' });
    return response.list_services_response.service.map(({ name }) => name).sort();
  }

  // A client of the service with this full name.
  async service(fullName) {
    const response = await this.#reflect({ file_containing_symbol: fullName });
    const files = response.file_descriptor_response.file_descriptor_proto;
    const definition = protoLoader.loadFileDescriptorSetFromBuffer(descriptorSet(files), OPTIONS);
    const Client = fullName.split('.').reduce((scope, part) => scope[part], grpc.loadPackageDefinition(definition));
    return new Service(this.#connect(Client), this.metadata);
  }

  health() {
    return new Service(this.#connect(loadProto('health.proto').grpc.health.v1.Health), this.metadata);
  }

  close() {
    for (const client of this.#clients) client.close();
  }
}

// A google.protobuf.FileDescriptorSet of encoded files: each is its field 1, length-delimited.
function descriptorSet(files) {
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a]), varint(file.length), file]));
}

function varint(number) {
  const bytes = [];
  for (; number > 0x7f; number = Math.floor(number / 128)) bytes.push((number % 128) | 0x80);
  return Buffer.from([...bytes, number]);
}

// Calls of one service as promises and async iterators.
class Service {
  constructor(client, metadata) {
    this.client = client;
    this.metadata = metadata;
  }

  call(method, request, { metadata = this.metadata, deadlineMs = 5000 } = {}) {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      this.client[method](request, metadata, options, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }

  // The running call: an event emitter and async iterable of messages.
  stream(method, request, { metadata = this.metadata } = {}) {
    return this.client[method](request, metadata);
  }
}
