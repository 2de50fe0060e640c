import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createReports } from '../../compute/reports/create-reports.ts'
import { createPanelReader } from '../../compute/reports/panel-data.ts'
import type { PanelRequest } from '../../compute/reports/panel-report.ts'
import { createRatioReports } from '../../compute/reports/ratio-reports.ts'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import { hour, hourStartMs, opened, paid, ratioPast, span } from '../compute/jobs/ratio-past.ts'
import { ratioText } from '../compute/jobs/ratio-specs.ts'
import { eventually } from '../factories/ninefold.ts'
import { parseGood } from '../slo-specs/parse.ts'
import { expandMacros } from './expand-macros.ts'

/** The queries of the board of ratios on the engine: they show what the API says, for every aggregate. */

const past = ratioPast()
const cart = (aggregate: string) => ({ ...opened, aggregate })
const specs = parseGood(
  ratioText('avg', cart('avg(total)'), cart('uniq(user.id)')),
  ratioText('count', paid, opened),
  ratioText('ends', cart('max(total)'), cart('min(total)')),
  ratioText('no-value', cart('avg(unheard_of)'), opened),
  ratioText('none', paid, { filter: 'name == "nothing"' }),
  ratioText('slow', cart('quantile(0.9)(duration)'), cart('quantile(0.5)(duration)')),
  ratioText('sum', cart('sum(total)'), opened),
)
const minuteMs = 60_000
const dayMs = 86_400_000

/** One cart of another region that is paid, a hundred minutes and two days before; four carts in the hour, two of them paid. */
const carts = [
  ...[-2 * dayMs, -100 * minuteMs].map(before => ({
    atMs: hourStartMs + before,
    total: '8',
    region: 'us',
    user: 'ann',
  })),
  ...['1.25', '2', '0.1', '0.2'].map((total, at) => ({
    ...{ atMs: hourStartMs + at * 15 * minuteMs, total, region: at < 3 ? 'eu' : 'us' },
    user: at === 0 ? 'ann' : 'bo',
  })),
]
const spans = carts.flatMap(({ atMs, total, region, user }, at) => {
  const resource = { 'cloud.region': region }
  const durationNs = BigInt(1 + at) * 10_000_000n
  const placed = span(atMs, 'cart', { total, 'user.id': user }, { resource, durationNs })
  return at % 2 === 0 ? [placed, span(atMs + 1000, 'payments', {}, { resource })] : [placed]
})
beforeEach(() => past.given(specs, spans))

const board = buildDashboards(specs).find(({ uid }) => uid === 'ninefold-ratios')
const panelOf = (title: string) => {
  const panel = board?.panels.find(each => each.title === title)
  if (panel === undefined) throw new Error(`no panel ${title}`)
  return panel
}
const query = (title: string, range: { fromMs: number; toMs: number }, variables: Record<string, string> = {}) => {
  const sql = expandMacros(panelOf(title).sql, { ...range, intervalSeconds: 900, variables })
  const row = z.record(z.string(), z.unknown())
  return past.store().reader.query({ name: 'panel', sql, params: z.object({}), row }, {})
}
const ask = (title: string, range: { fromMs: number; toMs: number }, more: Partial<PanelRequest> = {}) => {
  const seen = { reader: past.store().reader, specs: () => specs, clock: { now: Date.now, sleep: async () => {} } }
  const panels = createPanelReader({ ...seen, reports: createReports(seen), ratios: createRatioReports(seen) })
  return panels.read(panelOf(title).report, { range, layer: 'region', services: [], ...more })
}

describe('the board of ratios', () => {
  it('is there when the specs have any', () => {
    expect(board?.panels).toHaveLength(3)
    expect(buildDashboards(parseGood()).map(({ uid }) => uid)).not.toContain('ninefold-ratios')
  })

  it('has each ratio over the last hour, day and 30 days, as the API has them', async () => {
    // Each reads up to its own now: both within one minute, of which all windows are made.
    const both = async () => {
      const minute = Math.floor(Date.now() / minuteMs)
      const [rows, answer] = [await query('Ratios', hour), await ask('Ratios', hour)]
      return { rows, answer, isOneMinute: Math.floor(Date.now() / minuteMs) === minute }
    }
    const { rows, answer } = await eventually(both, ({ isOneMinute }) => isOneMinute)
    const { columns, rows: told } = answer
    expect(rows.map(row => Object.keys(row))).toEqual(rows.map(() => columns.map(({ name }) => name)))
    const inApi = new Map(told.map(([name, ...values]) => [name, values]))
    // A ratio of which no event was ever counted has no row in a query.
    expect(rows.map(({ Ratio }) => Ratio)).toEqual(['avg', 'count', 'ends', 'no-value', 'none', 'slow', 'sum'])
    for (const { Ratio, ...values } of rows)
      expect(Object.values(values), String(Ratio)).toEqual(
        (inApi.get(String(Ratio)) ?? []).map(value => (value === null ? null : expect.closeTo(Number(value), 12))),
      )
    const month = (name: string) => Number(rows.find(({ Ratio }) => Ratio === name)?.['Last 30 days'])
    expect(month('count')).toBeCloseTo(3 / 6, 12)
    expect(month('sum')).toBeCloseTo(19.55 / 6, 12)
    expect(month('avg')).toBeCloseTo(19.55 / 6 / 2, 12)
    expect(month('ends')).toBeCloseTo(8 / 0.1, 12)
    expect(inApi.get('none')).toEqual([null, null, null])
    expect(inApi.get('no-value')).toEqual([null, null, null])
  })

  it('draws each step from all its events', async () => {
    const range = { fromMs: hour.fromMs, toMs: hour.toMs - 1000 }
    const rows = await query('Ratios over time', range)
    const label = (name: string) => rows.filter(row => row.label === name)
    expect(label('sum').map(({ value }) => value)).toEqual([1.25, 2, 0.1, 0.2])
    expect(label('count').map(({ value }) => value)).toEqual([1, 0, 1, 0])
    expect(label('none')).toEqual([])
    expect(Object.keys(rows[0] ?? {})).toEqual(['time', 'label', 'value'])
    const { columns, rows: told, stepSeconds } = await ask('Ratios over time', range)
    expect([columns.map(({ name }) => name), stepSeconds]).toEqual([['time', 'label', 'value'], 60])
    expect(told.filter(([, name]) => name === 'sum').map(([, , value]) => value)).toEqual([1.25, 2, 0.1, 0.2])
  })

  it('shows the chosen one by a layer', async () => {
    const range = { fromMs: hour.fromMs, toMs: hour.toMs - 1000 }
    for (const ratio of ['sum', 'slow', 'none']) {
      const rows = await query('By layer', range, { ratio, layer: 'Region' })
      const { columns, rows: told } = await ask('By layer', range, { ratio })
      for (const row of rows) expect(Object.keys(row)).toEqual(columns.map(({ name }) => name))
      expect(rows.map(row => Object.values(row))).toEqual(
        told.map(row =>
          row.map(cell => (typeof cell === 'string' || cell === null ? cell : expect.closeTo(Number(cell), 12))),
        ),
      )
    }
    expect((await ask('By layer', range, { ratio: 'sum' })).rows).toEqual([
      ['eu', 3.35 / 3, 3.35, 3n],
      ['us', 0.2, 0.2, 1n],
    ])
    await expect(ask('By layer', range)).rejects.toMatchObject({ code: 'API_BAD_REQUEST' })
    await expect(ask('By layer', range, { ratio: 'unknown' })).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
  })
})
