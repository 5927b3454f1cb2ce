// The foreign clients of tests/node, for scripts that stand elsewhere: Node looks for packages beside
// the script and above it only.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../node/package.json', import.meta.url));

export const { WebSocket } = require('ws');
export const { EventSource } = require('eventsource');
export const grpc = require('@grpc/grpc-js');
export const protoLoader = require('@grpc/proto-loader');
export const { chromium } = require('playwright-core');

// For those that few scripts need.
export const load = (name) => require(name);
// The file that a package's name, or one below it, stands for.
export const resolve = (name) => require.resolve(name);
