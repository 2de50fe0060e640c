import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  // Thirty hours ago, an hour of its own: what a window reads in hours.
  await insert(
    `INSERT INTO slo_hour VALUES ('${slo}', '${revision}', toStartOfHour(toDateTime(${seconds(nowMs) - 30 * 3600}, 'UTC')), 995, 1000, 1)`,
  )
  await insert(
    'INSERT INTO slo_hour SELECT Slo, Revision, toStartOfHour(Minute), sum(Good), sum(Valid), 1 FROM slo_minute GROUP BY 1, 2, 3',
  )
  await insert(`INSERT INTO sli_minute (Slo, Revision, Minute, AvailabilityZone, Good, Valid, Version)
SELECT '${slo}', '${revision}', toDateTime(${seconds(nowMs)} - number * 60, 'UTC'), zone, if(zone = 'b' AND number < 10, 48, 50), 50, 1
FROM numbers(60) ARRAY JOIN ['a', 'b'] AS zone`)
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
    variables: { slo, layer: 'AvailabilityZone', service: 'checkout' },
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
