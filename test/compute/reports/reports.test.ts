import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { burnRate, remainingRatio, sliOf, targetOf } from '../../../compute/budget/budget.ts'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import { layerNames } from '../../../slo-specs/schema/layers.ts'
import type { Store } from '../../../store/client/store.ts'
import { eventSources } from '../../../store/queries/event-sources.ts'
import { readVersionSums } from '../../../store/queries/version-sums.ts'
import { evaluateFilter, type TestSpan } from '../jobs/evaluate-filter.ts'
import { notFailed, ratioOf, serviceIs, sloOf, specSetOf } from '../jobs/slos.ts'
import { insertSpans, openTestStore } from '../jobs/spans.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs + 20_000
const clock = { now: () => nowMs, sleep: async () => {} }
const window = { kind: 'rolling', seconds: 2 * 86_400, text: '2d' } as const
const slos = [
  sloOf('checkout', { total: serviceIs('checkout'), good: notFailed }, { window }),
  sloOf('cart', { total: serviceIs('cart'), good: notFailed }, { window, objective: 0.5, objectiveText: '0.5' }),
  sloOf('idle', { total: serviceIs('nobody'), good: notFailed }, { window }),
]
const specs = specSetOf(slos)

const span: fc.Arbitrary<TestSpan> = fc.record({
  // Up to five days back, some a few minutes into the future.
  atMs: fc.integer({ min: -5 * 1440, max: 3 }).map(minutes => nowMs + minutes * minuteMs),
  name: fc.constant('GET /'),
  kind: fc.constant('Server'),
  status: fc.constantFrom('Ok', 'Ok', 'Error'),
  durationNs: fc.constant(1n),
  resource: fc.record({
    'service.name': fc.constantFrom('checkout', 'cart'),
    'service.version': fc.constantFrom('1', '2'),
    'cloud.region': fc.constantFrom('eu', 'us', ''),
    'k8s.pod.name': fc.constantFrom('a', 'b', "c'd"),
  }),
  attributes: fc.constant({}),
})

let store: Store
let close: () => Promise<void>
let reports: Reports
let events: TestSpan[]

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  events = fc.sample(span, { numRuns: 600, seed: 42 })
  const rollup = createRollup({
    writer: store.compute,
    clock,
    nextVersion: createVersions(clock, 0n),
    rowsATick: 100_000,
    rawRetentionSeconds: 35 * 86_400,
  })
  const plan = planVerdicts(specs)
  for (let at = 0; at < events.length; at += 200) {
    await insertSpans(store.writer, events.slice(at, at + 200), `part-${at}`)
    await rollup.tick(plan)
  }
  reports = createReports({ reader: store.reader, specs: () => specs, clock })
})
afterAll(() => close())

function count(name: string, fromMs: number, toMs: number, where: (event: TestSpan) => boolean = () => true) {
  const slo = slos.find(candidate => candidate.name === name)
  if (slo === undefined) throw new Error(name)
  const valid = events.filter(
    event =>
      event.atMs >= fromMs && event.atMs < toMs && where(event) && evaluateFilter(ratioOf(slo).total.expression, event),
  )
  const good = valid.filter(event => evaluateFilter(notFailed, event))
  return { good: BigInt(good.length), valid: BigInt(valid.length) }
}

const end = Math.ceil(nowMs / minuteMs) * minuteMs
const floor = Math.floor(nowMs / minuteMs) * minuteMs

test('every window of every SLO holds what an integer oracle counts, the worst budget first and silence last', async () => {
  const statuses = await reports.listStatuses()
  expect(statuses.map(({ name }) => name)).toEqual(['checkout', 'cart', 'idle'])
  for (const status of statuses) {
    expect(status).toMatchObject(count(status.name, floor - window.seconds * 1000, end))
    for (const { windowSeconds, good, valid } of status.burnRates)
      expect({ good, valid }).toEqual(count(status.name, floor - windowSeconds * 1000, end))
    expect(await reports.status(status.name)).toEqual(status)
  }
  expect(statuses[2]).toMatchObject({ status: 'no-data', sli: null })
  expect(await reports.status('unknown')).toBeUndefined()
})

test('coverage is the share of complete minutes with any event of the signal', async () => {
  const from = floor - window.seconds * 1000
  const minutes = new Set(events.map(({ atMs }) => Math.floor(atMs / minuteMs) * minuteMs))
  const covered = [...minutes].filter(minute => minute >= from && minute < floor).length
  expect((await reports.status('checkout'))?.coverage).toBe((covered * 60) / window.seconds)
})

const steps = fc.constantFrom(60, 300, 420, 3600, 7200, 25_200, 86_400)
const ranges = fc
  .tuple(fc.integer({ min: 1, max: 5 * 1440 }), fc.integer({ min: 1, max: 2000 }), steps)
  .map(([ago, length, stepSeconds]) => {
    const fromMs = nowMs - ago * minuteMs
    return { fromMs, toMs: fromMs + length * minuteMs, stepSeconds }
  })
  .filter(({ fromMs, toMs, stepSeconds }) => (toMs - fromMs) / stepSeconds < 400_000)

test('a history shows each step and the budget of the window that ends with it, as reading each would', async () => {
  const target = targetOf('0.99')
  await fc.assert(
    fc.asyncProperty(ranges, async range => {
      const points = await reports.history('checkout', range)
      expect(points.length).toBeGreaterThan(0)
      for (const point of points) {
        const stepEnd = Math.min(point.atMs + range.stepSeconds * 1000, end)
        expect(point.atMs % (range.stepSeconds * 1000)).toBe(0)
        const counts = count('checkout', point.atMs, stepEnd)
        const whole = count('checkout', stepEnd - window.seconds * 1000, stepEnd)
        expect(point).toEqual({
          atMs: point.atMs,
          ...counts,
          sli: sliOf(counts),
          burnRate: burnRate(target, counts),
          budgetRemainingRatio: whole.valid === 0n ? null : remainingRatio(target, whole),
        })
      }
    }),
    { numRuns: 25 },
  )
})

test('the rows of any layer sum to the total of any range, and their shares of bad to one', async () => {
  await fc.assert(
    fc.asyncProperty(ranges, fc.constantFrom(...layerNames), async (range, layer) => {
      const rows = await reports.layers('checkout', layer, range)
      const fromMs = Math.floor(range.fromMs / minuteMs) * minuteMs
      const total = count('checkout', fromMs, Math.min(Math.ceil(range.toMs / minuteMs) * minuteMs, end))
      expect(rows.reduce((sum, row) => sum + row.good, 0n)).toBe(total.good)
      expect(rows.reduce((sum, row) => sum + row.valid, 0n)).toBe(total.valid)
      const shares = rows.reduce((sum, row) => sum + row.shareOfBad, 0)
      expect(shares).toBeCloseTo(total.valid > total.good ? 1 : 0, 10)
      const bads = rows.map(row => row.valid - row.good)
      expect(bads).toEqual([...bads].sort((a, b) => Number(b - a)))
    }),
    { numRuns: 30 },
  )
})

test('the lines of a layer hold each step of each value', async () => {
  const range = { fromMs: nowMs - dayMs, toMs: nowMs, stepSeconds: 7200 }
  const series = await reports.layerHistory('checkout', 'region', range)
  expect(series.map(({ value }) => value).sort()).toEqual(['', 'eu', 'us'])
  for (const { value, points } of series)
    for (const { atMs, good, valid } of points) {
      const stepEnd = Math.min(atMs + 7_200_000, end)
      expect({ good, valid }).toEqual(
        count('checkout', atMs, stepEnd, event => event.resource['cloud.region'] === value),
      )
    }
})

test('totals count from the minute asked for to now', async () => {
  const totals = await reports.totals(nowMs - dayMs)
  for (const { name } of slos) expect(totals.get(name)).toEqual(count(name, floor - dayMs, end))
})

test('a deployment is a version first seen within the range', async () => {
  const firstSeen = (version: string) =>
    Math.min(
      ...events
        .filter(({ resource }) => resource['service.name'] === 'cart' && resource['service.version'] === version)
        .map(({ atMs }) => atMs),
    )
  const all = await reports.deployments('cart', { fromMs: 0, toMs: nowMs + dayMs })
  expect(new Map(all.map(({ version, firstSeenMs }) => [version, firstSeenMs]))).toEqual(
    new Map([
      ['1', firstSeen('1')],
      ['2', firstSeen('2')],
    ]),
  )
  expect(await reports.deployments('cart', { fromMs: nowMs, toMs: nowMs + dayMs })).toEqual([])
})

test('a range that ends before it begins and a step of half a minute are refused with what to correct', async () => {
  const refused = expect.objectContaining({ code: 'API_BAD_REQUEST' })
  await expect(reports.layers('checkout', 'pod', { fromMs: 2, toMs: 1 })).rejects.toThrowError(refused)
  await expect(reports.history('checkout', { fromMs: 1, toMs: nowMs, stepSeconds: 30 })).rejects.toThrowError(refused)
  await expect(reports.history('checkout', { fromMs: 0, toMs: nowMs, stepSeconds: 60 })).rejects.toThrowError(refused)
})

/** Where the events of the oracle say the layers that they say; of the others none says any. */
const layerAttributes = { region: 'cloud.region', pod: 'k8s.pod.name', service: 'service.name' } as const
const layerValueOf = (event: TestSpan, layer: string) =>
  event.resource[layerAttributes[layer as keyof typeof layerAttributes] ?? ''] ?? ''

function tally(fromMs: number, keyOf: (event: TestSpan) => string) {
  const values = new Set(events.filter(({ atMs }) => atMs >= fromMs && atMs < end).map(keyOf))
  const counted = [...values].map(
    value => [value, count('checkout', fromMs, end, event => keyOf(event) === value)] as const,
  )
  return new Map(counted.filter(([, { valid }]) => valid > 0n))
}

test('who eats the budget is what a count over raw events says, layer by layer and by version, to the event', async () => {
  const windows = fc.constantFrom(60, 3600, 6 * 3600, 86_400, 2 * 86_400, 5 * 86_400)
  await fc.assert(
    fc.asyncProperty(windows, async seconds => {
      const told = await reports.attribution('checkout', seconds)
      if (told === undefined) throw new Error('no attribution')
      const fromMs = floor - seconds * 1000
      const total = count('checkout', fromMs, end)
      const bad = Number(total.valid - total.good)
      expect(told).toMatchObject({ ...total, fromMs, toMs: end, burnRate: burnRate(targetOf('0.99'), total) })
      expect(told.layers.map(({ layer }) => layer).sort()).toEqual([...layerNames].sort())
      const excesses: { layer: string; value: string; excess: number }[] = []
      for (const { layer, values, others } of told.layers) {
        expect(others).toBeNull()
        const counted = tally(fromMs, event => layerValueOf(event, layer))
        expect(new Map(values.map(({ value, good, valid }) => [value, { good, valid }]))).toEqual(counted)
        expect(values.reduce((sum, part) => sum + part.bad, 0n)).toBe(total.valid - total.good)
        expect(values.reduce((sum, part) => sum + (part.burnRate ?? 0), 0)).toBeCloseTo(told.burnRate ?? 0, 9)
        for (const [value, { good, valid }] of counted) {
          const share = bad === 0 ? 0 : Number(valid - good) / bad
          if (counted.size > 1 && value !== '' && share >= 0.05)
            excesses.push({ layer, value, excess: share - Number(valid) / Number(total.valid) })
        }
      }
      const most = Math.max(...excesses.map(({ excess }) => excess))
      const worst = excesses.filter(({ excess }) => excess === most).map(({ layer, value }) => ({ layer, value }))
      const [first] = told.layers
      if (worst.length === 0) expect(told.where).toBeNull()
      else {
        expect(worst).toContainEqual(told.where)
        expect({ layer: first?.layer, value: first?.values[0]?.value }).toEqual(told.where)
      }
      const versionsFromMs = Math.max(fromMs, end - dayMs)
      const byVersion = tally(versionsFromMs, event => event.resource['service.version'] ?? '')
      expect(told.versions?.fromMs).toBe(versionsFromMs)
      const sums = told.versions?.values.map(
        ({ service, value, good, valid }) => [value, { service, good, valid }] as const,
      )
      expect(new Map(sums)).toEqual(
        new Map([...byVersion].map(([value, sum]) => [value, { service: 'checkout', ...sum }])),
      )
    }),
    { numRuns: 12 },
  )
})

test('who eats the budget of the own window without another, and of nothing where nothing happens', async () => {
  const own = await reports.attribution('checkout')
  expect(own).toMatchObject({ window: '2d', ...count('checkout', floor - window.seconds * 1000, end) })
  expect(await reports.attribution('idle', 3600)).toMatchObject({ valid: 0n, burnRate: null, where: null })
  expect(await reports.attribution('nobody')).toBeUndefined()
})

test('every signal but metrics can be asked for the versions that its events came from', async () => {
  const everything = { op: 'literal', value: { type: 'boolean', value: true } } as const
  const versions = (signal: string) => {
    const verdict = { slo: 'any', revision: 'r', signal, total: everything, good: everything, layerColumns: [] }
    return readVersionSums(store.reader, verdict, { fromMs: floor - dayMs, toMs: end })
  }
  const asked = await Promise.all(
    Object.keys(eventSources).map(async signal => [signal, await versions(signal)] as const),
  )
  expect(asked.filter(([, sums]) => sums === null).map(([signal]) => signal)).toEqual(['metrics'])
})
