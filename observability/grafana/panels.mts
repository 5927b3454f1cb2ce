// The panels that dashboards are made of, all in one style: what is drawn, in which unit, what it means, and,
// where an alert watches it, which runbook tells what to do.
import { apiQuery, API } from './infinity.mts';
import type { ApiQuery } from './infinity.mts';
import { common, dashboard, heatmap, prometheus, stat, table, timeseries, units } from './sdk.mts';
import type { Builder, Dataquery, DataSourceRef, Panel } from './sdk.mts';

export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export interface PrometheusQuery {
  expr: string;
  legend?: string;
}

type Query = PrometheusQuery | ApiQuery;

// From `value` on, this colour.
export interface Step {
  value: number;
  color: string;
}

interface Common {
  title: string;
  description: string;
  queries: Query[];
  unit?: string;
  runbook?: string; // a file of docs/runbooks, without .md
  width?: number; // of 24
  height?: number;
}

export interface GraphOptions extends Common {
  stacked?: boolean;
  bars?: boolean;
  min?: number;
  max?: number;
  lines?: Step[]; // drawn across
  colors?: Record<string, string>; // by what the legend says
  logarithmic?: boolean;
}

export interface StatOptions extends Common {
  steps?: Step[];
  base?: string; // colour below the first step
  decimals?: number;
  words?: Record<string, { text: string; color: string }>;
}

const isApi = (query: Query): query is ApiQuery => 'method' in query;

function target(query: Query, index: number): Builder<Dataquery> {
  const refId = String.fromCharCode('A'.charCodeAt(0) + index);
  if (isApi(query)) return apiQuery(query, refId);
  const builder = new prometheus.DataqueryBuilder().refId(refId).datasource(PROMETHEUS).expr(query.expr).range()
    .editorMode(prometheus.QueryEditorMode.Code);
  return query.legend === undefined ? builder : builder.legendFormat(query.legend);
}

// The SDK's panel builders have these in common, and no type that says so.
interface PanelBuilder extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: DataSourceRef): this;
  span(width: number): this;
  height(height: number): this;
  targets(targets: Builder<Dataquery>[]): this;
  links(links: Builder<import('@grafana/grafana-foundation-sdk/dashboard').DashboardLink>[]): this;
}

function withCommon<B extends PanelBuilder>(builder: B, options: Common, width: number, height: number): B {
  builder.title(options.title).description(options.description)
    .datasource(options.queries.some(isApi) ? API : PROMETHEUS)
    .span(options.width ?? width).height(options.height ?? height)
    .targets(options.queries.map(target));
  if (options.runbook) {
    builder.links([new dashboard.DashboardLinkBuilder(`Runbook: ${options.runbook}`)
      .type(dashboard.DashboardLinkType.Link).url(`docs/runbooks/${options.runbook}.md`).targetBlank(true)]);
  }
  return builder;
}

function thresholds(base: string, steps: Step[]) {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps]);
}

export function graph(options: GraphOptions): Builder<Panel> {
  const builder = withCommon(new timeseries.PanelBuilder(), options, 8, 8)
    .unit(options.unit ?? units.Short)
    .lineWidth(options.bars ? 0 : 2)
    .fillOpacity(options.bars ? 80 : options.stacked ? 30 : 10)
    .gradientMode(common.GraphGradientMode.Opacity)
    .showPoints(common.VisibilityMode.Never)
    .min(options.min ?? 0)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom).calcs(['lastNotNull']));
  if (options.bars) builder.drawStyle(common.GraphDrawStyle.Bars);
  if (options.stacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (options.max !== undefined) builder.max(options.max);
  if (options.logarithmic) {
    builder.scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10));
  }
  if (options.lines) {
    builder.thresholds(thresholds('transparent', options.lines))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  }
  for (const [name, color] of Object.entries(options.colors ?? {})) {
    builder.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]);
  }
  return builder;
}

export function figure(options: StatOptions): Builder<Panel> {
  const builder = withCommon(new stat.PanelBuilder(), options, 3, 4)
    .unit(options.unit ?? units.Short)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(options.words ? common.BigValueGraphMode.None : common.BigValueGraphMode.Area)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(options.base ?? 'green', options.steps ?? []));
  if (options.decimals !== undefined) builder.decimals(options.decimals);
  if (options.words) {
    builder.mappings([{ type: dashboard.MappingType.ValueToText, options: options.words }]);
  }
  return builder;
}

// Of a histogram's buckets by `le`.
export function heat(options: Common): Builder<Panel> {
  const [query] = options.queries;
  if (!query || isApi(query)) throw new Error(`${options.title}: a heat map is of one PromQL query`);
  return withCommon(new heatmap.PanelBuilder(), { ...options, queries: [] }, 8, 8)
    .targets([new prometheus.DataqueryBuilder().refId('A').datasource(PROMETHEUS).expr(query.expr).range()
      .format(prometheus.PromQueryFormat.Heatmap).legendFormat('{{le}}').editorMode(prometheus.QueryEditorMode.Code)])
    .yAxis(new heatmap.YAxisConfigBuilder().unit(options.unit ?? units.Seconds))
    .color(new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme('Oranges').steps(64)
      .exponent(0.5).fill('dark-orange').scale(heatmap.HeatmapColorScale.Exponential).reverse(false))
    .cellGap(1);
}

export function list(options: Common): Builder<Panel> {
  return withCommon(new table.PanelBuilder(), options, 12, 8).filterable(true);
}
