import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createRollup, type Rollup } from '../../../compute/jobs/rollup.ts'
import { specsOfShards } from '../../../compute/jobs/shard-lease.ts'
import { planVerdicts, type VerdictPlan } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { Store } from '../../../store/client/store.ts'
import { type ShardSelection, shardOf } from '../../../store/queries/shards.ts'
import { spans } from './arbitraries.ts'
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
const nextVersion = createVersions(systemClock, 0n)
const slos = ['checkout', 'cart', 'payments', 'search', 'login', 'basket', 'orders', 'mail'].map((name, index) =>
  sloOf(name, {
    total: serviceIs(['checkout', 'cart', "pay'ments"][index % 3] ?? ''),
    good: index % 2 === 0 ? notFailed : fasterThan(300),
  }),
)
const specs = specSetOf(slos)
const pastSpans = fc
  .tuple(spans, fc.integer({ min: 0, max: 2 * 24 * 60 }))
  .map(([span, minutesAgo]) => ({ ...span, atMs: nowMs - minutesAgo * 60_000 }))

interface Compute {
  readonly rollup: Rollup
  readonly plan: VerdictPlan
}
const computeOf = (shards: ShardSelection): Compute => ({
  rollup: createRollup({
    writer: store.compute,
    clock,
    nextVersion,
    rowsATick: 40,
    rawRetentionSeconds: 35 * 86_400,
    shards,
  }),
  plan: planVerdicts(specsOfShards(specs, shards)),
})

/** Every shard to one of as many processes, at random; some may have none. */
const distribution = fc
  .tuple(fc.constantFrom(1, 2, 3, 4, 6, 8), fc.array(fc.nat({ max: 2 }), { minLength: 8, maxLength: 8 }))
  .map(([count, owners]) =>
    [0, 1, 2]
      .map(process => ({
        count,
        held: Array.from({ length: count }, (_, shard) => shard).filter(shard => owners[shard] === process),
      }))
      .filter(({ held }) => held.length > 0),
  )

test('the engine and this process agree about the shard of any name', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 64 }),
      async (names, shards) => {
        const rows = await store.reader.query(
          {
            name: 'shards',
            sql: 'SELECT arrayMap(name -> CRC32(name) % {shards:UInt32}, {names:Array(String)}) AS found',
            params: z.object({ names: z.array(z.string()), shards: z.number() }),
            row: z.object({ found: z.array(z.number()) }),
          },
          { names, shards },
        )
        expect(rows[0]?.found).toEqual(names.map(name => shardOf(name, shards)))
      },
    ),
    { numRuns: 20 },
  )
})

test('shards that move between processes, and another number of them, change no number', async () => {
  const rounds = fc.array(
    fc.tuple(fc.array(pastSpans, { minLength: 1, maxLength: 20 }), distribution, fc.nat({ max: 3 })),
    { minLength: 2, maxLength: 5 },
  )
  await fc.assert(
    fc.asyncProperty(rounds, async drawn => {
      await forgetRollups(store)
      for (const [index, [batch, processes, ticks]] of drawn.entries()) {
        await insertSpans(store.writer, batch, `batch-${index}`)
        // What a process did not come to do is left to whoever has the shards next.
        for (const { rollup, plan } of processes.map(computeOf))
          for (let tick = 0; tick < ticks; tick++) await rollup.tick(plan)
      }
      const last = drawn.at(-1)?.[1] ?? []
      for (const { rollup, plan } of last.map(computeOf)) while ((await rollup.tick(plan)).pendingMinutes > 0);
      await expectOracle(
        store,
        slos,
        drawn.flatMap(([batch]) => batch),
        nowMs,
      )
    }),
    { numRuns: 5 },
  )
})

test('what all shards of one number have computed is not computed again for another', async () => {
  await forgetRollups(store)
  await insertSpans(store.writer, fc.sample(pastSpans, { numRuns: 30, seed: 5 }), 'only')
  // Longer than a block is given to settle: before, its minutes would be computed once more to be sure.
  await systemClock.sleep(2200)
  const finish = async (shards: ShardSelection) => {
    const { rollup, plan } = computeOf(shards)
    let minutes = 0
    for (let left = 1; left > 0; ) {
      const result = await rollup.tick(plan)
      minutes += result.minutes
      left = result.pendingMinutes
    }
    return minutes
  }
  expect(await finish({ count: 4, held: [0, 1, 2] })).toBeGreaterThan(0)
  // 6 and 4 have the divisor 2: an even shard of 6 needs 0 and 2 of 4, an odd one 1 and 3.
  expect(await finish({ count: 6, held: [0, 2, 4] })).toBe(0)
  expect(await finish({ count: 8, held: [1, 5] })).toBe(0)
  expect(await finish({ count: 8, held: [3] })).toBeGreaterThan(0)
  expect(await finish({ count: 4, held: [3] })).toBeGreaterThan(0)
  expect(await finish({ count: 6, held: [1, 3, 5] })).toBe(0)
  expect(await finish({ count: 1, held: [0] })).toBe(0)
})
