import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildDashboards, type GeneratedDashboard } from '../../dashboards/build-dashboards.ts'
import { demoSpecs } from './generated-files.ts'

/** What Grafana 13 and its ClickHouse plugin 4.20 are known to want of the files, one test a fact. */

interface Query {
  readonly refId: string
  readonly rawSql: string
  readonly format: number
  readonly queryType: string
}

let boards: GeneratedDashboard[]
beforeAll(async () => {
  boards = buildDashboards(await demoSpecs())
})

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const panelsOf = ({ json }: GeneratedDashboard) =>
  (json.panels ?? []) as unknown as readonly { id: number; type: string; targets: readonly Query[] }[]
const annotationsOf = ({ json }: GeneratedDashboard) =>
  (json.annotations?.list ?? []) as unknown as readonly { name: string; placement?: string; target: Query }[]
const queriesOf = (board: GeneratedDashboard): Query[] => [
  ...panelsOf(board).flatMap(({ targets }) => targets),
  ...annotationsOf(board).map(({ target }) => target),
]
const variableQueries = ({ json }: GeneratedDashboard) =>
  (json.templating?.list ?? []).filter(({ type }) => type === 'query').map(({ query }) => String(query))
const everySql = () =>
  boards.flatMap(board => [...queriesOf(board).map(({ rawSql }) => rawSql), ...variableQueries(board)])

describe('the model', () => {
  it('is v1, without the wrapper of a manifest, which file provisioning refuses', () => {
    for (const { json } of boards) {
      expect(json).not.toHaveProperty('apiVersion')
      expect(json).not.toHaveProperty('spec')
      expect(json).toMatchObject({ schemaVersion: expect.any(Number), panels: expect.any(Array) })
    }
  })

  it('has no row, whose id the SDK leaves 0, and no panel without an id', () => {
    for (const board of boards)
      for (const { id, type } of panelsOf(board)) expect([type === 'row', id > 0], board.uid).toEqual([false, true])
  })

  it('shows the toggles of annotations on the board and not in a menu', () => {
    for (const board of boards) {
      expect(annotationsOf(board).length).toBeGreaterThan(0)
      for (const annotation of annotationsOf(board)) expect(annotation, annotation.name).not.toHaveProperty('placement')
    }
  })

  it('is made by exactly the version of the SDK that it was looked at with', () => {
    expect(JSON.parse(read('package.json')).dependencies['@grafana/grafana-foundation-sdk']).toBe('0.0.21')
  })
})

describe('a query', () => {
  it('has the fields that the plugin\u2019s editor writes, and no others', () => {
    for (const query of boards.flatMap(queriesOf)) {
      expect(Object.keys(JSON.parse(JSON.stringify(query))).sort()).toEqual(
        ['datasource', 'editorType', 'format', 'pluginVersion', 'queryType', 'rawSql', 'refId'].sort(),
      )
      expect(query).toMatchObject({ editorType: 'sql', pluginVersion: '4.20.0' })
    }
  })

  it('is of format 0 for a time series and 1 for a table', () => {
    for (const board of boards) {
      for (const { type, targets } of panelsOf(board)) {
        const wanted = type === 'timeseries' ? [0, 'timeseries'] : [1, 'table']
        for (const { format, queryType } of targets) expect([format, queryType]).toEqual(wanted)
      }
    }
  })

  it('selects its time as `time`, in an annotation timeEnd, text and tags beside', () => {
    for (const board of boards) {
      for (const { targets } of panelsOf(board).filter(({ type }) => type === 'timeseries'))
        for (const { rawSql } of targets) expect(rawSql).toMatch(/^SELECT (time\b|\S+ AS time\b)/)
      for (const { target } of annotationsOf(board))
        expect(
          [...target.rawSql.matchAll(/ AS (time|timeEnd|text|tags)\b/g)].map(match => match[1]).slice(0, 4),
        ).toEqual(['time', 'timeEnd', 'text', 'tags'])
    }
  })

  it('uses macros that the plugin has, none of which works in the browser only', () => {
    const known = ['$__timeFilter', '$__timeInterval', '$__fromTime', '$__toTime', '$__interval_s']
    const used = new Set(everySql().flatMap(sql => [...sql.matchAll(/\$__\w+/g)].map(match => match[0])))
    expect(used.size).toBeGreaterThan(3)
    expect([...used].filter(macro => !known.includes(macro))).toEqual([])
  })

  it('quotes the values of variables by `singlequote`, several of them as a list', () => {
    const used = new Set(everySql().flatMap(sql => [...sql.matchAll(/.{4}\$\{\w+:\w+\}/g)].map(match => match[0])))
    // A layer is a column, out of a fixed list.
    expect([...used].filter(use => !use.includes('layer:raw')).sort()).toEqual(
      [`IN (\${service:singlequote}`, `o = \${ratio:singlequote}`, `o = \${slo:singlequote}`].sort(),
    )
  })
})

describe('provisioning', () => {
  it('reads boards from files, which nobody edits in Grafana', () => {
    const { apiVersion, providers } = parse(read('deploy/grafana/provisioning/dashboards/ninefold.yaml'))
    expect(apiVersion).toBe(1)
    expect(providers).toMatchObject([{ type: 'file', allowUiUpdates: false, options: { path: expect.any(String) } }])
  })

  it.each(['deploy/grafana/provisioning/datasources/clickhouse.yaml', 'deploy/compose/grafana-datasource.yaml'])(
    'names the plugin as the boards do in %s',
    path => {
      const { datasources } = parse(read(path))
      expect(datasources).toMatchObject([{ type: 'grafana-clickhouse-datasource', jsonData: { protocol: 'http' } }])
    },
  )
})
