// A name server for tests: answers what it is told, authoritatively, over UDP (RFC 1035).
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

const TYPES = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };
const NUMBERS = { A: 1, CNAME: 5, AAAA: 28 };
const CLASS_IN = 1;
const NO_SUCH_NAME = 3;
const OWNER = Buffer.from([0xc0, 12]); // the name in the question

function encodeName(name) {
  return Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}

function decodeQuestion(query) {
  const labels = [];
  let at = 12;
  for (; query[at] > 0; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  return { name: labels.join('.').toLowerCase(), type: TYPES[query.readUInt16BE(at + 1)], end: at + 5 };
}

// IPv6 with eight groups or with "::", and as a tail IPv4.
function encodeIpv6(text) {
  const withTail = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    `${(a * 256 + Number(b)).toString(16)}:${(c * 256 + Number(d)).toString(16)}`);
  const [head, tail] = withTail.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail] : head;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function encodeRecord(owner, value) {
  const type = net.isIPv4(value) ? 'A' : net.isIPv6(value) ? 'AAAA' : 'CNAME';
  const data = { A: () => Buffer.from(value.split('.').map(Number)), AAAA: () => encodeIpv6(value), CNAME: () => encodeName(value) }[type]();
  const fixed = Buffer.alloc(10); // the time to live is 0: nobody may remember it
  fixed.writeUInt16BE(NUMBERS[type], 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt16BE(data.length, 8);
  return { type, bytes: Buffer.concat([owner, fixed, data]) };
}

export class DnsStub {
  questions = []; // "A name"
  #names = new Map();

  static async start(address = '127.0.0.1', port = 53) {
    const stub = new DnsStub();
    stub.socket = dgram.createSocket('udp4');
    stub.socket.on('message', (query, from) => stub.socket.send(stub.#answer(query), from.port, from.address));
    stub.socket.bind(port, address);
    await once(stub.socket, 'listening');
    return stub;
  }

  // `answers`: for the first question of a type, the second, …; the last one for all that follow. Each is a list
  // of addresses, and of names that the name stands for.
  add(name, ...answers) {
    this.#names.set(name, answers);
  }

  asked(type, name) {
    return this.questions.filter((question) => question === `${type} ${name}`).length;
  }

  // The records of `name`, and those of the names that it stands for.
  #records(name, type, owner = OWNER) {
    const answers = this.#names.get(name) ?? [[]];
    const values = answers[Math.min(this.asked(type, name), answers.length) - 1] ?? answers[0];
    const records = values.map((value) => ({ value, ...encodeRecord(owner, value) }));
    const aliases = records.filter((record) => record.type === 'CNAME');
    return [...aliases.map(({ bytes }) => bytes), ...records.filter((record) => record.type === type).map(({ bytes }) => bytes),
      ...aliases.flatMap(({ value }) => this.#records(value, type, encodeName(value)))];
  }

  #answer(query) {
    const { name, type, end } = decodeQuestion(query);
    this.questions.push(`${type} ${name}`);
    const records = this.#records(name, type);
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | (this.#names.has(name) ? 0 : NO_SUCH_NAME), 2); // an authoritative answer
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, query.subarray(12, end), ...records]);
  }

  stop() {
    this.socket.close();
  }
}
