// Queries of the console's JSON API (docs/console-api.md) through Grafana's Infinity data source, for what no
// metric may say: anything of one product. The data source has the console's address as its base URL, and a
// token that is sent as `Authorization: Bearer`.
import type { Builder, Dataquery, DataSourceRef } from './sdk.mts';

export const API: DataSourceRef = { type: 'yesoreyeram-infinity-datasource', uid: '${api}' };

interface Column {
  selector: string;
  text: string;
  type: 'string' | 'number' | 'timestamp';
}

export interface InfinityDataquery extends Dataquery {
  refId: string;
  datasource: DataSourceRef;
  type: 'json';
  source: 'url';
  parser: 'backend';
  format: 'table' | 'timeseries';
  url: string;
  url_options: { method: 'POST'; data: string; body_type: 'raw'; body_content_type: 'application/json' };
  root_selector: string;
  columns: Column[];
  filters: [];
}

export interface ApiQuery {
  method: string; // as in CounterService/GetHistory
  request: object;
  rows: string; // the field of the answer that holds them; nothing: the answer itself is the one row
  columns: Column[];
  format?: 'table' | 'timeseries';
}

export const time = (selector: string): Column => ({ selector, text: 'time', type: 'timestamp' });
export const number = (selector: string, text: string): Column => ({ selector, text, type: 'number' });
export const text = (selector: string, shown: string): Column => ({ selector, text: shown, type: 'string' });

export function apiQuery({ method, request, rows, columns, format = 'timeseries' }: ApiQuery, refId: string): Builder<Dataquery> {
  const query: InfinityDataquery = {
    refId,
    datasource: API,
    type: 'json',
    source: 'url',
    parser: 'backend',
    format,
    url: `/api/livecounter.v1.${method}`,
    url_options: { method: 'POST', data: JSON.stringify(request), body_type: 'raw', body_content_type: 'application/json' },
    root_selector: rows,
    columns,
    filters: [],
    _implementsDataqueryVariant: () => {},
  };
  return { build: () => query };
}
