import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteSeries, sliceSeries } from '../../../compute/budget/minute-series.ts'

const minuteMs = 60_000
const counts = fc.array(
  fc.record({ minute: fc.integer({ min: -5, max: 70 }), good: fc.bigInt(0n, 50n), bad: fc.bigInt(0n, 5n) }),
  { maxLength: 60 },
)
const range = { fromMs: 0, toMs: 60 * minuteMs }
const unique = (list: readonly { minute: number; good: bigint; bad: bigint }[]) =>
  [...new Map(list.map(each => [each.minute, each])).values()].map(({ minute, good, bad }) => ({
    minute: minute * 60,
    good,
    valid: good + bad,
  }))

describe('counts by the minute', () => {
  it('give for any window what adding its minutes gives', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: -10, max: 80 }), fc.integer({ min: -10, max: 80 }), (list, from, to) => {
        const minutes = unique(list)
        const inside = minutes.filter(
          ({ minute }) => minute >= Math.max(0, from * 60) && minute < Math.min(3600, to * 60),
        )
        const sum = (read: (each: (typeof minutes)[0]) => bigint) =>
          inside.reduce((total, each) => total + read(each), 0n)
        expect(minuteSeries(range, minutes).between(from * minuteMs, to * minuteMs)).toEqual({
          good: sum(({ good }) => good),
          valid: sum(({ valid }) => valid),
        })
      }),
    )
  })

  it('are judged by the slice as one by one, the running slice by what it has so far', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 60 }), (list, first, now) => {
        const minutes = unique(list).filter(({ minute }) => minute >= 0 && minute < 3600)
        const slices = sliceSeries(minuteSeries(range, minutes), { seconds: 300, targetText: '0.95', noData: 'ignore' })
        const share = sliceSeries(minuteSeries(range, minutes), { seconds: 300, noData: 'ignore' })
        const expected = { good: 0n, judged: 0n, over: 0n, events: { good: 0n, valid: 0n } }
        let parts = 0n
        for (let start = first * 300; start < now * 60; start += 300) {
          const own = minutes.filter(({ minute }) => minute >= start && minute < Math.min(start + 300, now * 60))
          const good = own.reduce((total, each) => total + each.good, 0n)
          const valid = own.reduce((total, each) => total + each.valid, 0n)
          if (valid === 0n) continue
          expected.judged += 1n
          if (start + 300 <= now * 60) expected.over += 1n
          if (good * 100n >= valid * 95n) expected.good += 1n
          parts += (2n * good * 10n ** 18n + valid) / (2n * valid)
          expected.events = { good: expected.events.good + good, valid: expected.events.valid + valid }
        }
        expect(slices.read(first * 300, now * 60)).toEqual(expected)
        expect(share.read(first * 300, now * 60)).toEqual({ ...expected, good: parts })
      }),
    )
  })
})
