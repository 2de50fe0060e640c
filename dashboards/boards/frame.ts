import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { layerColumns, layerNames } from '../../slo-specs/schema/layers.ts'
import { clickhouseQuery, datasource } from '../panels/clickhouse-query.ts'
import { drawPanel } from '../panels/panels.ts'
import { alertAnnotations, deploymentAnnotations } from '../panels/sql.ts'
import type { Board } from './board.ts'

/**
 * A board with what every one has: a stable uid, read-only, the data source as a variable, episodes and deployments as annotations.
 * In Grafana's v1 model, which file provisioning takes; the newer one is refused there.
 */
export function drawBoard({ uid, title, description, variables, panels }: Board): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['ninefold', 'slo', 'generated'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('grafana-clickhouse-datasource'),
    )
    .annotation(annotation('Alert episodes', alertAnnotations, 'red'))
    .annotation(annotation('Deployments', deploymentAnnotations, 'blue'))
  for (const variable of variables) builder.withVariable(variable)
  for (const panel of panels) builder.withPanel(drawPanel(panel))
  return builder.build()
}

function annotation(name: string, sql: string, color: string): AnnotationQueryBuilder {
  const builder = new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .hide(false)
    .iconColor(color)
  // The SDK's target is that of Grafana's own store; the plugin reads its query from the same place. Its default placement would hide the
  // toggle in a menu.
  const target = clickhouseQuery(sql, 'table', 'Annotation').build()
  return Object.assign(builder, { build: withoutPlacement(builder.build.bind(builder), target) })
}

function withoutPlacement<T extends { placement?: unknown }>(build: () => T, target: unknown): () => T {
  return () => {
    const { placement: _, ...annotation } = build()
    return { ...annotation, target } as unknown as T
  }
}

/** A variable filled by a query, asked again when the time range changes. */
export function queryVariable(name: string, label: string, sql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
}

export function customVariable(name: string, label: string, values: string): CustomVariableBuilder {
  return new CustomVariableBuilder(name).label(label).values(values)
}

/** Any layer, by the column that it is kept in. */
export function layerVariable(): CustomVariableBuilder {
  return customVariable('layer', 'Layer', layerNames.map(name => `${name} : ${layerColumns[name]}`).join(', '))
}
