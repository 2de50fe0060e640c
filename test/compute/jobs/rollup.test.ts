import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHistory } from '../../../compute/jobs/history.ts'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import type { EventFilter } from '../../../store/queries/event-filter.ts'
import { minuteCounts } from '../../../store/queries/minute-counts.ts'
import { knownRevisions } from '../../../store/tables/spec-revisions.ts'
import { spans } from './arbitraries.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { expectOracle, forgetRollups } from './rollup-oracle.ts'
import { fasterThan, notFailed, serviceIs, sloOf, specSetOf } from './slos.ts'
import { insertSpans, openTestStore } from './spans.ts'

let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

const nowMs = Math.floor(Date.now() / 60_000) * 60_000 + 30_000
const clock = { now: () => nowMs, sleep: async () => {} }
let versions = createVersions(clock, 0n)
const nextVersion = () => versions()
const retention = 35 * 86_400

function rollupOf(rowsATick = 1_000_000) {
  return createRollup({ writer: store.compute, clock, nextVersion, rowsATick, rawRetentionSeconds: retention })
}

function historyOf(
  isPending: (signal: string, minute: number) => boolean,
  rowsAStep = 1_000_000,
  rawRetentionSeconds = retention,
) {
  return createHistory({
    writer: store.compute,
    clock,
    nextVersion,
    rowsAStep,
    rawRetentionSeconds,
    isPending,
  })
}

const everything: EventFilter = { op: 'literal', value: { type: 'boolean', value: true } }
const slos: readonly Slo[] = [
  sloOf('checkout-ok', { total: serviceIs('checkout'), good: notFailed }),
  sloOf('cart-ok', { total: serviceIs('cart'), good: notFailed }),
  sloOf('pay-ok', { total: serviceIs("pay'ments"), good: notFailed }),
  sloOf('fast', { total: everything, good: fasterThan(300) }),
  sloOf('by-pod', { total: serviceIs('checkout'), bad: { op: 'not', operand: notFailed } }, { layers: ['pod'] }),
]

const forgetAll = () => forgetRollups(store)

/** Events of the last three days: whole hours and days are among what is rolled up. */
const pastSpans = fc
  .tuple(spans, fc.integer({ min: 0, max: 3 * 24 * 60 }))
  .map(([span, minutesAgo]) => ({ ...span, atMs: nowMs - minutesAgo * 60_000 }))

const expectNumbers = (events: readonly TestSpan[]) => expectOracle(store, slos, events, nowMs)

const batches = fc.array(fc.array(pastSpans, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 5 })

test('any order of arrival, late events and repeated deliveries give the numbers of an integer oracle', async () => {
  const plan = planVerdicts(specSetOf(slos))
  await fc.assert(
    fc.asyncProperty(batches, fc.array(fc.nat({ max: 4 }), { maxLength: 3 }), async (drawn, repeated) => {
      await forgetAll()
      const rollup = rollupOf(fc.sample(fc.constantFrom(5, 40, 100_000), 1)[0])
      for (const [index, batch] of drawn.entries()) {
        await insertSpans(store.writer, batch, `batch-${index}`)
        await rollup.tick(plan)
      }
      for (const index of repeated) {
        const batch = drawn[index]
        if (batch !== undefined) await insertSpans(store.writer, batch, `batch-${index}`)
      }
      while ((await rollup.tick(plan)).pendingMinutes > 0);
      await expectNumbers(drawn.flat())
    }),
    { numRuns: 6 },
  )
})

test('a restart at any point, with a clock set back, changes no number', async () => {
  const plan = planVerdicts(specSetOf(slos))
  await forgetAll()
  const events = fc.sample(pastSpans, { numRuns: 80, seed: 3 })
  await insertSpans(store.writer, events.slice(0, 60), 'first')
  await rollupOf(20).tick(plan)
  await insertSpans(store.writer, events.slice(60), 'second')
  versions = createVersions({ ...clock, now: () => nowMs - 3_600_000 }, nextVersion())
  const rollup = rollupOf(35)
  while ((await rollup.tick(plan)).pendingMinutes > 0);
  await expectNumbers(events)
})

test('a minute is computed again only when something arrived for it', async () => {
  const plan = planVerdicts(specSetOf(slos))
  await forgetAll()
  await insertSpans(store.writer, fc.sample(pastSpans, { numRuns: 50, seed: 5 }), 'only')
  // Longer than a block is given to settle: before, its minutes would be computed once more to be sure.
  await systemClock.sleep(2200)
  const rollup = rollupOf()
  expect((await rollup.tick(plan)).minutes).toBeGreaterThan(0)
  expect(await rollup.tick(plan)).toEqual({ minutes: 0, rows: 0, hours: 0, days: 0, pendingMinutes: 0 })
})

test('a new SLO is given its whole past, step by step and over restarts, while the others stay as they are', async () => {
  await forgetAll()
  const events = fc.sample(pastSpans, { numRuns: 150, seed: 11 })
  const rollup = rollupOf()
  const before = planVerdicts(specSetOf(slos.slice(0, 3), 'before'))
  const first = historyOf(rollup.isPending)
  await insertSpans(store.writer, events, 'all')
  await first.register(before)
  await rollup.tick(before)
  while ((await first.step(before)).left > 0);
  const after = planVerdicts(specSetOf(slos, 'after'))
  let steps = 0
  for (let left = 1; left > 0; steps++) {
    // Each step by a process of its own: only what is stored carries over, a day that was begun is begun again.
    const history = historyOf(rollup.isPending, 10_000)
    await history.register(after)
    left = (await history.step(after)).left
  }
  expect(steps).toBeGreaterThan(3)
  await expectNumbers(events)
})

test('a history that begins in the middle of a day, where raw events do, says so and ends there', async () => {
  await forgetAll()
  const keptSeconds = 86_400 + (Math.floor(nowMs / 1000) % 86_400) + 3600
  const fromMs = Math.floor((nowMs - keptSeconds * 1000) / 60_000) * 60_000
  const event = fc.sample(pastSpans, 1)[0]
  if (event === undefined) throw new Error('no event')
  const resource = { ...event.resource, 'service.name': 'checkout' }
  const at = (atMs: number) => ({ ...event, atMs, resource })
  await insertSpans(store.writer, [at(fromMs - 60_000), at(fromMs), at(nowMs - 1000)], 'around')
  const plan = planVerdicts(specSetOf(slos.slice(0, 1)))
  const history = historyOf(() => false, undefined, keptSeconds)
  await history.register(plan)
  for (let steps = 0; (await history.step(plan)).left > 0; steps++) expect(steps).toBeLessThan(10)
  const [state] = await store.reader.query(knownRevisions, {})
  expect(state).toMatchObject({ historyFrom: fromMs / 1000, historyDone: true })
  const counted = await store.reader.query(minuteCounts, {
    from: 0,
    to: 4_000_000_000,
    slos: ['checkout-ok'],
    revisions: [slos[0]?.revision ?? ''],
  })
  expect(counted.map(({ minute }) => minute * 1000)).toEqual([fromMs, Math.floor((nowMs - 1000) / 60_000) * 60_000])
})

test('an SLO that was away while events arrived is computed anew when it comes back', async () => {
  await forgetAll()
  const events = fc.sample(pastSpans, { numRuns: 90, seed: 13 })
  const all = planVerdicts(specSetOf(slos, 'all'))
  const fewer = planVerdicts(specSetOf(slos.slice(0, 2), 'fewer'))
  const rollup = rollupOf()
  const history = historyOf(rollup.isPending, 20)
  for (const [plan, part] of [
    [all, events.slice(0, 30)],
    [fewer, events.slice(30, 60)],
    [all, events.slice(60)],
  ] as const) {
    await insertSpans(store.writer, part, `part-${part.length}-${part[0]?.atMs}`)
    await history.register(plan)
    await rollup.tick(plan)
    while ((await history.step(plan)).left > 0);
  }
  await expectNumbers(events)
})

test('of the revisions of a name the one in force is that which was written last, from the moment that it is', async () => {
  await forgetAll()
  const history = historyOf(() => false)
  const revisions = ['was', 'is']
  const plans = revisions.map(revision => planVerdicts(specSetOf(slos.slice(0, 1).map(slo => ({ ...slo, revision })))))
  for (const at of [0, 1, 0, 1]) {
    const plan = plans[at]
    if (plan === undefined) throw new Error(`no plan ${at}`)
    await history.register(plan)
    const rows = [...(await store.reader.query(knownRevisions, {}))].sort((a, b) => Number(b.version - a.version))
    expect(rows.map(({ revision }) => revision)[0]).toBe(revisions[at])
    expect(new Set(rows.map(({ version }) => version)).size).toBe(rows.length)
  }
})
