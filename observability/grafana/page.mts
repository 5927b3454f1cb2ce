// What all dashboards share: variables, links to each other, marks of restarts and of firing alerts.
import { PROMETHEUS } from './panels.mts';
import { dashboard, prometheus } from './sdk.mts';
import type { Builder, Dashboard, Panel, VariableModel } from './sdk.mts';

const TAG = 'livecounter';

interface Row {
  title: string;
  panels: Builder<Panel>[];
}

interface Page {
  uid: string;
  title: string;
  description: string;
  programs: string; // a regular expression: whose jobs and instances there are to choose from
  from?: string;
  variables?: Builder<VariableModel>[];
  rows: Row[];
}

function dataSource(): Builder<VariableModel> {
  return new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')
    .description('The Prometheus that scrapes Live Counter');
}

function labelValues(label: string, title: string, selector: string): Builder<VariableModel> {
  const query = `label_values(livecounter_build_info{${selector}}, ${label})`;
  return new dashboard.QueryVariableBuilder(label).label(title).datasource(PROMETHEUS)
    .query({ query, refId: 'variable' }).definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged).sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).current({ selected: true, text: 'All', value: '$__all' });
}

function marks(name: string, color: string, expr: string, title: string, text: string) {
  return new dashboard.AnnotationQueryBuilder().name(name).datasource(PROMETHEUS).enable(true).iconColor(color)
    .target(new prometheus.DataqueryBuilder().refId('A').expr(expr).range())
    .expr(expr).titleFormat(title).textFormat(text);
}

export function page({ uid, title, description, programs, from = 'now-1h', variables = [], rows }: Page): Dashboard {
  const builder = new dashboard.DashboardBuilder(title).uid(uid).description(description).tags([TAG])
    .time({ from, to: 'now' }).refresh('30s').timezone('browser').tooltip(dashboard.DashboardCursorSync.Crosshair).editable()
    .variables([
      dataSource(),
      labelValues('job', 'Job', `program=~"${programs}"`),
      labelValues('instance', 'Instance', `program=~"${programs}",job=~"$job"`),
      ...variables,
    ])
    .links([
      new dashboard.DashboardLinkBuilder('Live Counter').type(dashboard.DashboardLinkType.Dashboards).tags([TAG])
        .asDropdown(true).includeVars(false).keepTime(true).icon('external link'),
      new dashboard.DashboardLinkBuilder('Runbooks').type(dashboard.DashboardLinkType.Link)
        .url('docs/runbooks/README.md').icon('doc').targetBlank(true),
    ])
    .annotations([
      marks('Starts', 'blue', 'changes(process_start_time_seconds{job=~"$job",instance=~"$instance"}[$__rate_interval]) > 0',
        'started', '{{job}} {{instance}}'),
      marks('Alerts', 'red', 'ALERTS{alertname=~"LiveCounter.*",alertstate="firing"}', '{{alertname}}', '{{severity}}'),
    ]);
  for (const row of rows) {
    builder.withRow(new dashboard.RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  const built = builder.build();
  built.panels?.forEach((panel, index) => { panel.id = index + 1; });
  return built;
}
