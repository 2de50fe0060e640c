import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leftOutSlices } from '../../../compute/budget/left-out-slices.ts'
import { recurringTimes, timesOnce } from '../../../slo-specs/schema/recurrence.ts'
import { isWithin, type TimeSpan } from '../../../slo-specs/schema/time-spans.ts'
import { onlySlo, parseGood, service, sloText } from '../../slo-specs/parse.ts'

const startMs = Date.UTC(2026, 2, 27)
const second = (seconds: number) => startMs + seconds * 1000
const words = { name: 'move', description: '', reason: 'Announced.', approver: 'somebody' }
const correctionOf = ({ fromMs, toMs }: TimeSpan) => ({ ...words, times: timesOnce({ fromMs, toMs }) })

/** Every slice that begins in the range, every second of it, looked up one by one. */
function oneByOne(spans: readonly TimeSpan[], range: TimeSpan, sliceSeconds: number): number {
  const sliceMs = sliceSeconds * 1000
  let count = 0
  for (let at = Math.ceil(range.fromMs / sliceMs) * sliceMs; at < range.toMs; at += sliceMs) {
    const moments = Array.from({ length: sliceSeconds }, (_, index) => at + index * 1000)
    if (moments.every(moment => isWithin(spans, moment))) count++
  }
  return count
}

it('are those that corrections cover whole, alone or together, however they lie', () => {
  const spans = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 1200 }), fc.integer({ min: 1, max: 300 })).map(([from, length]) => ({
      fromMs: second(from),
      toMs: second(from + length),
    })),
    { maxLength: 5 },
  )
  const range = fc
    .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 600 }))
    .map(([from, length]) => ({ fromMs: second(from), toMs: second(from + length) }))
  fc.assert(
    fc.property(spans, range, fc.constantFrom(10, 60, 120), (drawn, asked, sliceSeconds) => {
      expect(leftOutSlices(drawn.map(correctionOf), asked, sliceSeconds)).toBe(oneByOne(drawn, asked, sliceSeconds))
    }),
    { numRuns: 500 },
  )
})

it('are those of every time that a rule comes, over the change of the clocks too', () => {
  const times = recurringTimes({
    ...{ rule: 'FREQ=DAILY', startMs: startMs + 7_200_000, durationSeconds: 600, timeZone: 'Europe/Berlin' },
  })
  if ('problem' in times) throw new Error(times.problem)
  // 27, 28 and 29 March, of which the last day has 23 hours.
  const days = { fromMs: startMs, toMs: startMs + 71 * 3_600_000 }
  expect(leftOutSlices([{ ...words, times }], days, 60)).toBe(30)
  expect(leftOutSlices([{ ...words, times }], days, 600)).toBe(3)
  expect(leftOutSlices([{ ...words, times }], days, 1200)).toBe(0)
})

it('are none where a predicate leaves some of the events', () => {
  const correction = `apiVersion: ninefold.dev/v1
kind: Correction
metadata: {name: move}
spec: {slos: [checkout], reason: Announced., approver: somebody, timeRange: {from: "${new Date(startMs).toISOString()}", to: "${new Date(startMs + 600_000).toISOString()}"}`
  const corrected = (more: string) => onlySlo(parseGood(service, sloText(), `${correction}${more}}\n`)).corrections
  const range = { fromMs: startMs, toMs: startMs + 3_600_000 }
  expect(leftOutSlices(corrected(''), range, 60)).toBe(10)
  expect(leftOutSlices(corrected(', predicate: {filter: name == "x"}'), range, 60)).toBe(0)
})
