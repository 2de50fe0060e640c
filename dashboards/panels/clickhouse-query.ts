import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'

/** How the ClickHouse data source shapes its answer. */
const formats = { series: 0, table: 1 } as const
export type QueryFormat = keyof typeof formats

/** The data source is a variable of every dashboard, so that one file serves any installation. */
export const datasource = { type: 'grafana-clickhouse-datasource', uid: `\${datasource}` } as const

interface ClickHouseDataquery {
  readonly refId: string
  readonly datasource: typeof datasource
  readonly editorType: 'sql'
  readonly rawSql: string
  readonly format: number
  readonly queryType: 'timeseries' | 'table'
  readonly pluginVersion: string
  _implementsDataqueryVariant(): void
}

/** A query of Grafana's ClickHouse plugin, in the shape that its editor writes. */
export function clickhouseQuery(rawSql: string, format: QueryFormat, refId = 'A'): Builder<Dataquery> {
  return {
    build: () => {
      const query: ClickHouseDataquery = {
        refId,
        datasource,
        editorType: 'sql',
        rawSql,
        format: formats[format],
        queryType: format === 'series' ? 'timeseries' : 'table',
        pluginVersion: '4.20.0',
        _implementsDataqueryVariant: () => undefined,
      }
      return query
    },
  }
}
