import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseGood } from '../../slo-specs/parse.ts'
import { nowMs, ratioPast, span } from './ratio-past.ts'
import { ratioText } from './ratio-specs.ts'
import { forgetRollups } from './rollup-oracle.ts'

const past = ratioPast()
const { given, reportsOf } = past

/** Numbers of up to six digits after the point, as senders write them. */
const numbers = fc.integer({ min: -1_000_000, max: 1_000_000_000 }).map(units => (units / 1e6).toFixed(6))
const events = fc.record({
  secondsAgo: fc.integer({ min: 1, max: 2 * 86_400 }),
  region: fc.constantFrom('eu', 'us', ''),
  user: fc.constantFrom('ann', 'ben', 'cid', 'dee'),
  size: fc.option(numbers, { nil: undefined }),
})

it('any order of arrival gives what a plain count over all events gives, in total and by layer', async () => {
  const specs = parseGood(
    ratioText('sum', { aggregate: 'sum(size)' }, { aggregate: 'uniq(user.id)' }),
    ratioText('extremes', { aggregate: 'max(size)' }, { aggregate: 'count' }),
  )
  const batches = fc.array(fc.array(events, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(batches, async drawn => {
      await forgetRollups(past.store())
      for (const batch of drawn)
        await given(
          specs,
          batch.map(({ secondsAgo, region, user, size }) =>
            span(
              nowMs - secondsAgo * 1000,
              'a',
              { 'user.id': user, ...(size === undefined ? {} : { size }) },
              { resource: { 'cloud.region': region } },
            ),
          ),
        )
      const all = drawn.flat()
      const units = (of: typeof all) =>
        of.reduce((sum, { size }) => sum + BigInt(Math.round(Number(size ?? 0) * 1e6)), 0n)
      const range = { fromMs: nowMs - 3 * 86_400_000, toMs: nowMs }
      const rows = await reportsOf(specs).layers('sum', 'region', range)
      for (const region of new Set(all.map(each => each.region))) {
        const mine = all.filter(each => each.region === region)
        const row = rows.find(({ layerValue }) => layerValue === region)
        expect(row?.denominator).toBe(BigInt(new Set(mine.map(({ user }) => user)).size))
        expect(Math.round(Number(row?.numerator) * 1e6)).toBe(Number(units(mine)))
      }
      const points = await reportsOf(specs).history('extremes', { ...range, stepSeconds: 86_400 })
      const counted = points.reduce((sum, { denominator }) => sum + Number(denominator), 0)
      expect(counted).toBe(all.length)
      const sizes = all.flatMap(({ size }) => (size === undefined ? [] : [Number(size)]))
      const greatest = points.flatMap(({ numerator }) => (numerator === null ? [] : [Number(numerator)]))
      expect(greatest.length === 0 ? null : Math.max(...greatest)).toBe(sizes.length === 0 ? null : Math.max(...sizes))
    }),
    { numRuns: 5 },
  )
})
