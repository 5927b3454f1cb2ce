// All programs at once, and a customer whose users they verify.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { GrpcPeer } from '../support/grpc.mjs';
import { Cluster, Program, scratchFolder, startAllInOne } from '../support/programs.mjs';

// A customer's server that keeps what it was asked: { headers, body }. Who is called w-invalid may not count.
export class Customer {
  requests = [];

  static async start(key) {
    const customer = new Customer();
    customer.server = http.createServer(async (request, answer) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      customer.requests.push({ headers: request.headers, body });
      answer.writeHead(body.includes('w-invalid') ? 401 : 200);
      answer.end(key);
    }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(customer.server, 'listening');
    customer.uri = `http://127.0.0.1:${customer.server.address().port}/verify`;
    return customer;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

// A counterd, a gateway and a verifier that know each other, and beside them the program that is all in one.
export class AllPrograms {
  static async start({ flags = [], gatewayFlags = [] } = {}) {
    const all = new AllPrograms();
    const tokenFile = path.join(scratchFolder(), 'edge-token');
    const customers = '--verifier_allow_private_networks=127.0.0.0/8';
    all.edgeToken = randomBytes(24).toString('hex');
    writeFileSync(tokenFile, `${all.edgeToken}\n`, { mode: 0o600 });
    all.verifier = await Program.start('livecounter-verifier', [
      '--grpc_listen=127.0.0.1:0', '--metrics_listen=127.0.0.1:0', customers,
      `--edge_token_file=${tokenFile}`, ...flags,
    ]);
    const verifier = `--verifier=${all.verifier.address.grpc}`;
    // The later of two flags counts.
    const edge = `--edge_token_file=${tokenFile}`;
    all.cluster = await Cluster.start({ gateways: 1, counterdFlags: [verifier, edge, ...flags], gatewayFlags: [verifier, edge, ...flags, ...gatewayFlags] });
    all.folder = scratchFolder();
    all.standalone = await startAllInOne({ folder: all.folder, flags: [customers, ...flags] });
    return all;
  }

  get gateway() {
    return this.cluster.gateways[0];
  }

  get counterd() {
    return this.cluster.counterd;
  }

  get programs() {
    return [this.counterd, this.gateway, this.verifier, this.standalone];
  }

  // The operator's token of the program that is all in one.
  standaloneToken() {
    return readFileSync(path.join(this.folder, 'data', 'admin-token'), 'utf8').trim();
  }

  // A client of a service of counterd, for the operator.
  service(name) {
    this.peer ??= new GrpcPeer(this.cluster.grpc, this.cluster.adminToken());
    return this.peer.service(`livecounter.v1.${name}`);
  }

  async kill() {
    this.peer?.close();
    await Promise.all([this.cluster.kill(), this.verifier.kill(), this.standalone.kill()]);
  }
}
