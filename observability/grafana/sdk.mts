// Grafana's Foundation SDK, out of the packages of tests/node: Node looks for packages beside a script
// and above it only.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tests/node/package.json', import.meta.url));

export const common = require('@grafana/grafana-foundation-sdk/common') as typeof import('@grafana/grafana-foundation-sdk/common');
export const dashboard = require('@grafana/grafana-foundation-sdk/dashboard') as typeof import('@grafana/grafana-foundation-sdk/dashboard');
export const heatmap = require('@grafana/grafana-foundation-sdk/heatmap') as typeof import('@grafana/grafana-foundation-sdk/heatmap');
export const prometheus = require('@grafana/grafana-foundation-sdk/prometheus') as typeof import('@grafana/grafana-foundation-sdk/prometheus');
export const stat = require('@grafana/grafana-foundation-sdk/stat') as typeof import('@grafana/grafana-foundation-sdk/stat');
export const table = require('@grafana/grafana-foundation-sdk/table') as typeof import('@grafana/grafana-foundation-sdk/table');
export const timeseries = require('@grafana/grafana-foundation-sdk/timeseries') as typeof import('@grafana/grafana-foundation-sdk/timeseries');
export const units = require('@grafana/grafana-foundation-sdk/units') as typeof import('@grafana/grafana-foundation-sdk/units');

export type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
export type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
export type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
