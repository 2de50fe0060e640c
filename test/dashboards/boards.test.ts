import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildDashboards, type GeneratedDashboard } from '../../dashboards/build-dashboards.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { demoSpecs, generatedFiles } from './generated-files.ts'

let specs: SpecSet
let boards: GeneratedDashboard[]
beforeAll(async () => {
  specs = await demoSpecs()
  boards = buildDashboards(specs)
})

interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly type: string
  readonly datasource: unknown
  readonly targets: readonly { readonly datasource: unknown; readonly rawSql: string; readonly format: number }[]
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string
      readonly thresholds?: { readonly steps: readonly { value: number | null }[] }
    }
  }
  readonly options: { readonly legend?: { readonly showLegend: boolean } }
}
const panelsOf = (board: GeneratedDashboard) => (board.json.panels ?? []) as unknown as readonly Panel[]
const everyPanel = () => boards.flatMap(board => panelsOf(board).map(panel => ({ board: board.uid, ...panel })))

describe('the generated files', () => {
  it('are what the specs make of them now (node test/dashboards/write-generated.ts)', () => {
    const folder = new URL('../../dashboards/generated/', import.meta.url)
    const committed = new Map(readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')]))
    expect([...committed.keys()].sort()).toEqual([...generatedFiles(specs).keys()].sort())
    for (const [name, text] of generatedFiles(specs)) expect(committed.get(name), name).toBe(text)
  })
})

describe('every dashboard', () => {
  it('has a stable uid of its own, a title, and cannot be edited in place', () => {
    expect(boards.map(({ uid }) => uid)).toEqual([
      'ninefold-slo-overview',
      'ninefold-slo-detail',
      'ninefold-ratios',
      'ninefold-pipeline',
    ])
    for (const { json } of boards)
      expect(json).toMatchObject({ editable: false, title: expect.stringContaining('Ninefold') })
  })

  it('takes its data source from a variable, in every panel, query, variable and annotation', () => {
    const wanted = { type: 'grafana-clickhouse-datasource', uid: `\${datasource}` }
    for (const panel of everyPanel()) {
      expect(panel.datasource, panel.title).toEqual(wanted)
      expect(panel.targets.length, panel.title).toBeGreaterThan(0)
      for (const target of panel.targets) expect(target.datasource).toEqual(wanted)
    }
    for (const { json } of boards) {
      const [first, ...others] = json.templating?.list ?? []
      expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'grafana-clickhouse-datasource' })
      for (const variable of others.filter(({ type }) => type === 'query')) {
        expect(variable).toMatchObject({ datasource: wanted, refresh: 2 })
      }
      for (const annotation of json.annotations?.list ?? []) {
        expect(annotation).toMatchObject({
          datasource: wanted,
          enable: true,
          hide: false,
          target: { rawSql: expect.stringContaining('SELECT') },
        })
      }
    }
  })

  it('has panels with ids of their own, title, description and unit', () => {
    for (const board of boards) {
      const ids = panelsOf(board).map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    }
    for (const panel of everyPanel()) {
      expect(panel.id, panel.title).toBeGreaterThan(0)
      expect(panel.title).not.toBe('')
      expect(panel.description, panel.title).not.toBe('')
      expect(panel.fieldConfig.defaults.unit, panel.title).toEqual(expect.any(String))
    }
  })

  it('shows the legend of every time series', () => {
    const series = everyPanel().filter(({ type }) => type === 'timeseries')
    expect(series.length).toBeGreaterThan(4)
    for (const { options, title } of series) expect(options.legend?.showLegend, title).toBe(true)
  })
})

describe('burn-rate panels', () => {
  it('have the factors of the specs as thresholds', () => {
    const conditions = specs.slos
      .flatMap(slo => slo.alerts.filter(({ severity }) => severity === 'page'))
      .flatMap(rule => rule.conditions)
    const burns = everyPanel().filter(({ title }) => title.startsWith('Burn rate'))
    expect(burns.length).toBe(2)
    for (const panel of burns) {
      const highest = panel.fieldConfig.defaults.thresholds?.steps.at(-1)?.value
      expect(conditions.map(({ threshold }) => threshold)).toContain(highest)
    }
  })
})
