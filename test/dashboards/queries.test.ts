import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReports } from '../../compute/reports/create-reports.ts'
import { createPanelReader } from '../../compute/reports/panel-data.ts'
import type { PanelRequest } from '../../compute/reports/panel-report.ts'
import { createRatioReports } from '../../compute/reports/ratio-reports.ts'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../factories/store.ts'
import { expandMacros } from './expand-macros.ts'
import { demoSpecs } from './generated-files.ts'

/** Every query of every dashboard, run on the real engine over a small past whose sums are known. */

let under: StoreUnderTest
let specs: SpecSet
const minute = 60_000
const nowMs = Math.floor(Date.now() / minute) * minute
const seconds = (ms: number) => Math.floor(ms / 1000)
const slo = 'checkout-availability'

beforeAll(async () => {
  specs = await demoSpecs()
  under = await openStoreUnderTest()
  const revision = specs.slos.find(({ name }) => name === slo)?.revision
  const insert = (sql: string) => under.store.writer.execute({ name: 'rows', sql, params: under.noParams }, {})
  await insert(`INSERT INTO spec_revisions (Slo, Revision, Service, Document, SpecSetRevision, FirstSeenAt, HistoryFrom, HistoryDone, Version)
VALUES ('${slo}', '${revision}', 'checkout', '{}', 'x', now(), now(), 1, 2), ('${slo}', 'former', 'checkout', '{}', 'x', now(), now(), 1, 1)`)
  // Sixty minutes of 100 valid events; the last ten have two bad ones each, all in zone b.
  await insert(
    `INSERT INTO slo_minute SELECT '${slo}', '${revision}', toDateTime(${seconds(nowMs)} - number * 60, 'UTC'), if(number < 10, 98, 100), 100, 1 FROM numbers(60)`,
  )
  await insert(
    `INSERT INTO slo_minute SELECT '${slo}', 'former', toDateTime(${seconds(nowMs)} - number * 60, 'UTC'), 0, 100, 1 FROM numbers(60)`,
  )
  // Thirty hours ago, an hour of its own: what a window reads in hours. It has its minute, as nothing is past its retention.
  await insert(
    `INSERT INTO slo_minute VALUES ('${slo}', '${revision}', toStartOfHour(toDateTime(${seconds(nowMs) - 30 * 3600}, 'UTC')), 995, 1000, 1)`,
  )
  await insert(
    'INSERT INTO slo_hour SELECT Slo, Revision, toStartOfHour(Minute), sum(Good), sum(Valid), 1 FROM slo_minute GROUP BY 1, 2, 3',
  )
  await insert(`INSERT INTO sli_minute (Slo, Revision, Minute, AvailabilityZone, Good, Valid, Version)
SELECT '${slo}', '${revision}', toDateTime(${seconds(nowMs)} - number * 60, 'UTC'), zone, if(zone = 'b' AND number < 10, 48, 50), 50, 1
FROM numbers(60) ARRAY JOIN ['a', 'b'] AS zone`)
  // The reports read whole hours and days from tables of their own.
  await insert(
    'INSERT INTO slo_day SELECT Slo, Revision, toStartOfDay(Hour), sum(Good), sum(Valid), 1 FROM slo_hour GROUP BY 1, 2, 3',
  )
  for (const step of ['Hour', 'Day'])
    await insert(
      `INSERT INTO sli_${step.toLowerCase()} (Slo, Revision, ${step}, AvailabilityZone, Good, Valid, Version)
SELECT Slo, Revision, toStartOf${step}(Minute), AvailabilityZone, sum(Good), sum(Valid), 1 FROM sli_minute GROUP BY 1, 2, 3, 4`,
    )
  await insert(`INSERT INTO alerts (Slo, Severity, StartedAt, Service, State, DedupKey, FiredAt, Frozen, Inhibited, Evidence, BurningLayers, Version)
VALUES ('${slo}', 'page', now64(3) - 300, 'checkout', 'firing', 'k', now64(3) - 300, 0, 0, '[]', '[]', 1)`)
  await insert(`INSERT INTO service_versions VALUES ('checkout', '1.5.0', now64(3) - 600, now64(3))`)
  await insert(`INSERT INTO arrivals VALUES ('traces', toDateTime(${seconds(nowMs)}, 'UTC'), now64(3), 6000)`)
})
afterAll(() => under.close())

const expand = (sql: string) =>
  expandMacros(sql, {
    fromMs: nowMs - 6 * 60 * minute,
    toMs: nowMs + minute,
    intervalSeconds: 60,
    variables: { slo, ratio: 'orders-paid', layer: 'AvailabilityZone', service: 'checkout' },
  })

interface Target {
  readonly rawSql: string
  readonly format: number
}

function everyQuery(): { where: string; target: Target }[] {
  return buildDashboards(specs).flatMap(({ uid, json }) => {
    const panels = (json.panels ?? []) as unknown as readonly { title: string; targets: readonly Target[] }[]
    const variables = (json.templating?.list ?? []).filter(({ type }) => type === 'query')
    const annotations = (json.annotations?.list ?? []) as unknown as readonly { name: string; target: Target }[]
    return [
      ...panels.flatMap(({ title, targets }) => targets.map(target => ({ where: `${uid}: ${title}`, target }))),
      ...variables.map(({ name, query }) => ({
        where: `${uid}: $${name}`,
        target: { rawSql: String(query), format: 1 },
      })),
      ...annotations.map(({ name, target }) => ({ where: `${uid}: ${name}`, target })),
    ]
  })
}

const run = (where: string) => {
  const found = everyQuery().find(query => query.where === where)
  if (found === undefined) throw new Error(`no query ${where}`)
  return under.rows(expand(found.target.rawSql))
}

describe('the queries of the dashboards', () => {
  it('all run on the engine, a time series beginning with its time', async () => {
    const queries = everyQuery()
    expect(queries.length).toBeGreaterThan(20)
    for (const { where, target } of queries) {
      const rows = await under.rows(expand(target.rawSql)).catch((error: Error) => {
        throw new Error(`${where}: ${error.message}`)
      })
      if (target.format === 0) for (const row of rows.slice(0, 1)) expect(Object.keys(row)[0], where).toBe('time')
      if (where.includes('Alert episodes'))
        expect(Object.keys(rows[0] ?? {})).toEqual(['time', 'timeEnd', 'text', 'tags'])
    }
  })

  it('count the revision in force and no other', async () => {
    expect(await run('ninefold-slo-overview: SLOs, worst budget first')).toEqual([
      expect.objectContaining({
        SLO: slo,
        Service: 'checkout',
        Objective: 0.999,
        'Valid events': '7000',
        'Bad events': '25',
      }),
    ])
    expect(await run('ninefold-slo-detail: SLI')).toEqual([{ sli: 6975 / 7000 }])
    const [budget] = await run('ninefold-slo-detail: Error budget left')
    expect(budget?.left).toBeCloseTo(1 - 25 / 7, 9)
  })

  it('say how fast it burns over the last hour, and where', async () => {
    const burn = await run('ninefold-slo-detail: Burn rate over 1h')
    expect(burn.at(-1)?.burn).toBeCloseTo(20 / 6000 / 0.001, 9)
    expect(await run('ninefold-slo-detail: By layer, worst first')).toEqual([
      { Value: 'b', SLI: 2980 / 3000, 'Bad events': '20', 'Valid events': '3000' },
      { Value: 'a', SLI: 1, 'Bad events': '0', 'Valid events': '3000' },
    ])
    const left = await run('ninefold-slo-detail: Error budget left over time')
    // The newest whole hour has the hour of thirty hours ago in its window too.
    const hourEndMs = Math.floor((nowMs + minute) / (60 * minute)) * 60 * minute
    const ages = Array.from({ length: 60 }, (_, age) => age).filter(age => nowMs - age * minute < hourEndMs)
    const bad = 5 + 2 * ages.filter(age => age < 10).length
    expect(left.at(-1)?.label).toBe(slo)
    expect(left.at(-1)?.left).toBeCloseTo(1 - bad / (1000 + 100 * ages.length) / 0.001, 9)
    const layers = await run('ninefold-slo-detail: SLI by layer')
    expect(new Set(layers.map(({ label }) => label))).toEqual(new Set(['a', 'b']))
  })
})

describe('what the API answers for a panel', () => {
  const ask = (board: string, id: number, more: Partial<PanelRequest> = {}) => {
    const found = buildDashboards(specs)
      .find(({ uid }) => uid === board)
      ?.panels.find(panel => panel.id === id)
    if (found === undefined) throw new Error(`no panel ${id} of ${board}`)
    const clock = { now: () => nowMs + minute, sleep: async () => {} }
    const seen = { reader: under.store.reader, specs: () => specs, clock }
    const panels = createPanelReader({ ...seen, reports: createReports(seen), ratios: createRatioReports(seen) })
    const range = { fromMs: nowMs - 6 * 60 * minute, toMs: nowMs + minute }
    return panels.read(found.report, {
      range,
      slo,
      ratio: 'orders-paid',
      layer: 'availability_zone',
      services: [],
      ...more,
    })
  }

  it('has the columns of the panel\u2019s query in Grafana, for every panel', async () => {
    for (const { uid, panels } of buildDashboards(specs)) {
      for (const { id, title, draw, sql } of panels) {
        const { columns, rows, stepSeconds } = await ask(uid, id)
        const [inGrafana] = await under.rows(expand(sql))
        if (inGrafana !== undefined) {
          expect(
            columns.map(({ name }) => name),
            title,
          ).toEqual(Object.keys(inGrafana))
          expect(rows.length, title).toBeGreaterThan(0)
        }
        expect(stepSeconds, title).toBe(draw === 'timeseries' ? 60 : null)
        for (const row of rows) expect(row.length, title).toBe(columns.length)
      }
    }
  })

  it('is what the query says, to the last digit', async () => {
    const board = 'ninefold-slo-detail'
    expect((await ask(board, 1)).rows).toEqual([[6975 / 7000]])
    expect((await ask(board, 2)).rows).toEqual([[expect.closeTo(1 - 25 / 7, 9)]])
    const burn = await run(`${board}: Burn rate over 1h`)
    expect((await ask(board, 4)).rows.at(-1)?.[1]).toBeCloseTo(Number(burn.at(-1)?.burn), 9)
    expect((await ask(board, 11)).rows).toEqual([
      ['b', 2980 / 3000, 20n, 3000n],
      ['a', 1, 0n, 3000n],
    ])
    const events = (await ask(board, 3)).rows
    const [good, bad] = [1, 2].map(at => events.reduce((sum, row) => sum + Number(row[at]), 0))
    expect([good, bad]).toEqual([5980, 20])
    expect((await ask('ninefold-slo-overview', 1)).rows).toEqual([
      [slo, 'checkout', 0.999, 6975 / 7000, expect.closeTo(1 - 25 / 7, 9), 7000n, 25n],
    ])
    expect((await ask('ninefold-slo-overview', 1, { services: ['cart'] })).rows).toEqual([])
    expect((await ask('ninefold-pipeline', 1)).rows).toEqual([[nowMs, 'traces', 6000n]])
  })

  it('is refused for a panel about one SLO that nobody, or nothing, is named by', async () => {
    const { slo: _, ...nobody } = { slo, range: { fromMs: nowMs - minute, toMs: nowMs } }
    const detail = buildDashboards(specs).find(({ uid }) => uid === 'ninefold-slo-detail')
    const seen = { reader: under.store.reader, specs: () => specs, clock: { now: () => nowMs, sleep: async () => {} } }
    const panels = createPanelReader({ ...seen, reports: createReports(seen), ratios: createRatioReports(seen) })
    for (const { report } of detail?.panels ?? []) {
      const request = { ...nobody, layer: 'region', services: [] } as const
      await expect(panels.read(report, request)).rejects.toMatchObject({ code: 'API_BAD_REQUEST' })
      await expect(panels.read(report, { ...request, slo: 'none' })).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    }
  })

  it('is bounded, however long the range is', async () => {
    const range = { fromMs: nowMs - 400 * 86_400_000, toMs: nowMs }
    const { stepSeconds, rows } = await ask('ninefold-slo-detail', 3, { range })
    expect(stepSeconds).toBe(86_400)
    expect(rows.length).toBeLessThanOrEqual(401)
    const burn = await ask('ninefold-slo-detail', 4, { range: { ...range, fromMs: nowMs - 30 * 86_400_000 } })
    expect(burn.rows.length).toBeLessThanOrEqual(401)
  })
})
