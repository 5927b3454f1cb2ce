// A running system: a counterd, gateways, a verifier, each a process with addresses that outlive it.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GrpcPeer } from '../support/grpc.mjs';
import { freePort, Program, scratchFolder } from '../support/programs.mjs';

const address = async () => `127.0.0.1:${await freePort()}`;

export class Installation {
  gateways = [];

  // `gateways`: flags and surrounding of each. `edge`: given counterd's edge address, where gateways go to reach it.
  // `counterd`: flags, env and surrounding of that program, and where its data are.
  static async start({ gateways = [{}, {}], edge = (target) => target, counterd = {} } = {}) {
    const all = new Installation();
    all.folder = scratchFolder();
    all.dataFolder = counterd.dataFolder ?? path.join(all.folder, 'data');
    all.counterdWays = { flags: [], env: {}, surrounding: [], ...counterd };
    all.gatewayWays = gateways.map((ways) => ({ flags: [], surrounding: [], ...ways }));
    all.tokens = { edge: path.join(all.folder, 'edge-token'), admin: path.join(all.folder, 'admin-token') };
    for (const file of Object.values(all.tokens)) writeFileSync(file, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
    all.grpc = await address();
    all.edge = await address();
    all.verifierGrpc = await address();
    all.metrics = { 'livecounter-counterd': [await address()], 'livecounter-gateway': [], 'livecounter-verifier': [await address()] };
    all.hosts = [];
    all.consoles = [];
    for (let i = 0; i < gateways.length; i++) {
      all.hosts.push(await address());
      all.consoles.push(await address());
      all.metrics['livecounter-gateway'].push(await address());
    }
    await all.startCounterd();
    await all.startVerifier();
    all.edgeForGateways = await edge(all.edge);
    for (let i = 0; i < gateways.length; i++) await all.startGateway(i);
    return all;
  }

  async startCounterd() {
    const { flags, env, surrounding } = this.counterdWays;
    this.counterd = await Program.start('livecounter-counterd', [
      `--grpc_listen=${this.grpc}`, `--edge_listen=${this.edge}`, `--metrics_listen=${this.metrics['livecounter-counterd'][0]}`,
      `--edge_token_file=${this.tokens.edge}`, `--admin_token_file=${this.tokens.admin}`, `--data_dir=${this.dataFolder}`,
      `--verifier=${this.verifierGrpc}`, '--demo', ...flags,
    ], env, surrounding);
  }

  async startVerifier() {
    this.verifier = await Program.start('livecounter-verifier', [
      `--grpc_listen=${this.verifierGrpc}`, `--metrics_listen=${this.metrics['livecounter-verifier'][0]}`,
      `--edge_token_file=${this.tokens.edge}`, `--admin_token_file=${this.tokens.admin}`,
      '--verifier_allow_private_networks=127.0.0.0/8',
    ]);
  }

  async startGateway(index) {
    const { flags, surrounding } = this.gatewayWays[index];
    this.gateways[index] = await Program.start('livecounter-gateway', [
      `--http_listen=${this.hosts[index]}`, `--console_listen=${this.consoles[index]}`,
      `--metrics_listen=${this.metrics['livecounter-gateway'][index]}`, `--counterd=${this.grpc}`, `--edge=${this.edgeForGateways}`,
      `--edge_token_file=${this.tokens.edge}`, `--verifier=${this.verifierGrpc}`, '--threads=1', ...flags,
    ], {}, surrounding);
  }

  adminToken() {
    return readFileSync(this.tokens.admin, 'utf8').trim();
  }

  // A gRPC service of counterd, as the operator.
  async service(name) {
    this.peer ??= new GrpcPeer(this.grpc, this.adminToken());
    return this.peer.service(`livecounter.v1.${name}`);
  }

  // Ends everything at once.
  async kill() {
    this.peer?.close();
    await Promise.all([this.counterd, this.verifier, ...this.gateways].map((program) => program?.kill()));
  }
}

// An active account with a product whose users `customer` (see customer.mjs) is asked about: { product, key }.
export async function makeVerifiedProduct(all, customer) {
  const admin = await all.service('AdminService');
  await admin.call('CreateAccount', { account_id: 'shop', account: { display_name: 'Shop', email: 'shop@shop.example' } });
  await admin.call('ActivateAccount', { name: 'accounts/shop' });
  const product = (await admin.call('CreateProduct', {
    parent: 'accounts/shop', product_id: 'web', product: { display_name: 'Web', allowed_origins: ['*'] },
  })).name;
  const { key } = await admin.call('CreateApiKey', { parent: product });
  customer.key = key;
  const steps = await admin.stream('SaveVerification', { name: product, verification: { endpoint_uri: customer.uri, enabled: true } }).toArray();
  if (!steps.at(-1).passed) throw new Error(`the customer's endpoint did not pass: ${steps.at(-1).reason}`);
  return { product, key };
}
