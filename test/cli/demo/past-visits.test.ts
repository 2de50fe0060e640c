import { expect, it } from 'vitest'
import { chunksOf } from '../../../cli/demo/history/chunks.ts'
import { addRange, missingRanges, type TimeRange } from '../../../cli/demo/history/filled.ts'
import { writePastVisits } from '../../../cli/demo/history/past-visits.ts'
import { createPayload } from '../../../cli/demo/history/payload.ts'
import { createTemplates, type Templates } from '../../../cli/demo/history/templates.ts'
import { dayMs, hourMs, type Timeline } from '../../../cli/demo/history/timeline.ts'
import { trafficFactor } from '../../../cli/demo/rhythm.ts'
import { liveMix } from '../../../cli/demo/shop/work.ts'
import { defaultScript } from '../../../cli/demo/story.ts'
import { demoSpecs } from '../../dashboards/generated-files.ts'

const endMs = Date.UTC(2026, 10, 22, 11, 30)
const timeline: Timeline = { anchorMs: endMs, endMs, seed: 20_260 }
const month: TimeRange = { fromMs: endMs - 30 * dayMs, toMs: endMs }

/** Answers of servers by service, counted where their spans are made. */
function countAnswers(
  ranges: readonly TimeRange[],
  of: Timeline = timeline,
): ReadonlyMap<string, { valid: number; bad: number }> {
  const answers = new Map<string, { valid: number; bad: number }>()
  const made = createTemplates()
  const templates: Templates = {
    ...made,
    server: (operation, id, status) => {
      const count = answers.get(operation.service) ?? { valid: 0, bad: 0 }
      answers.set(operation.service, { valid: count.valid + 1, bad: count.bad + (status >= 500 ? 1 : 0) })
      return made.server(operation, id, status)
    },
  }
  for (const { parts } of chunksOf(of, ranges)) {
    const sinks = { spans: createPayload(), logs: createPayload(), templates }
    for (const part of parts) writePastVisits(of, part, sinks)
  }
  return answers
}

it('spends some of every 99.9 % budget in a month and leaves more than half of it', () => {
  for (const [service, { valid, bad }] of countAnswers([month])) {
    expect(bad, service).toBeGreaterThan(0)
    expect(bad, service).toBeLessThan(valid * 0.0005)
  }
})

const someTimes = [
  ['a Sunday morning', Date.UTC(2026, 10, 22, 4, 10)],
  ['a Sunday noon', endMs],
  ['a Monday evening', Date.UTC(2026, 10, 23, 21, 55)],
] as const

/** Orders that the story sees from its beginning to the latest rollback, and how many of them it makes fail. */
function ordersOfStory(nowMs: number) {
  const perSecond = 32 * liveMix.order * trafficFactor(nowMs)
  const badPerSecond = perSecond * 0.3 * defaultScript.failureShare
  const rolloutSeconds = defaultScript.rolloutAfterMs / 1000
  const latestSeconds = defaultScript.rollbackLatestMs / 1000
  const valid = perSecond * (rolloutSeconds + latestSeconds)
  return { perSecond, badPerSecond, rolloutSeconds, valid, bad: latestSeconds * badPerSecond }
}

const pastOf = (nowMs: number, hours: number) =>
  countAnswers([{ fromMs: nowMs - hours * hourMs, toMs: nowMs }], { anchorMs: nowMs, endMs: nowMs, seed: 20_260 })

it.each(someTimes)(
  'lets the bad deployment of %s page within a minute and not burn the six-hour window',
  (_, nowMs) => {
    const checkout = (hours: number) => pastOf(nowMs, hours).get('checkout') ?? { valid: 0, bad: 0 }
    const { perSecond, badPerSecond, rolloutSeconds, valid, bad } = ordersOfStory(nowMs)
    // 14.4 times the budget of 99.9 % over the last hour, 45 seconds after the rollout.
    const hour = checkout(1)
    expect((45 * badPerSecond) / (hour.valid + perSecond * (rolloutSeconds + 45))).toBeGreaterThan(0.0144)
    // Below 6 times the budget over six hours with every failure that the story can make.
    const six = checkout(6)
    expect((six.bad + bad) / (six.valid + valid)).toBeLessThan(0.006)
  },
)

it.each(someTimes)('leaves the storefront\u2019s promises below what pages on %s', async (_, nowMs) => {
  const { valid, bad } = ordersOfStory(nowMs)
  const slos = new Map((await demoSpecs()).slos.map(slo => [slo.name, slo]))
  for (const [name, service] of [
    ['storefront-orders', 'checkout'],
    ['storefront-availability', 'storefront'],
  ] as const) {
    const slo = slos.get(name)
    // Every order is one checkout; of the storefront's requests it is one in some.
    const share = service === 'checkout' ? 1 : liveMix.order
    const conditions = slo?.alerts.filter(({ severity }) => severity === 'page').flatMap(rule => rule.conditions) ?? []
    expect(conditions.length, name).toBe(2)
    for (const { threshold, longWindowSeconds } of conditions) {
      const past = pastOf(nowMs, longWindowSeconds / 3600).get(service) ?? { valid: 0, bad: 0 }
      const errorRate = (past.bad + bad) / (past.valid + valid / share)
      // With a seventh to spare: a machine that is slow to roll back lets more fail.
      expect(errorRate / (1 - (slo?.objective ?? 1)), `${name} over ${longWindowSeconds} s`).toBeLessThan(
        threshold * 0.85,
      )
    }
  }
})

it('splits a range into chunks that cover it once, newest first', () => {
  const chunks = chunksOf(timeline, [
    { fromMs: endMs - 40 * hourMs, toMs: endMs - 30.5 * hourMs },
    { fromMs: endMs - 9.7 * hourMs, toMs: endMs },
  ])
  const parts = chunks.flatMap(chunk => chunk.parts)
  expect(parts.map(({ toMs }) => toMs)).toEqual(parts.map(({ toMs }) => toMs).sort((a, b) => b - a))
  const covered = parts.reduce<readonly TimeRange[]>((ranges, part) => addRange(ranges, part), [])
  expect(covered).toEqual([
    { fromMs: endMs - 40 * hourMs, toMs: endMs - 30.5 * hourMs },
    { fromMs: endMs - 9.7 * hourMs, toMs: endMs },
  ])
  expect(parts.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBeCloseTo(19.2 * hourMs)
})

it('finds what ranges leave out, and nothing once it is added', () => {
  const ranges = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 20, toMs: 30 },
    { fromMs: 60, toMs: 90 },
  ]
  const missing = missingRanges(ranges, { fromMs: 5, toMs: 70 })
  expect(missing).toEqual([
    { fromMs: 10, toMs: 20 },
    { fromMs: 30, toMs: 60 },
  ])
  const all = missing.reduce<readonly TimeRange[]>((known, range) => addRange(known, range), ranges)
  expect(all).toEqual([{ fromMs: 0, toMs: 90 }])
  expect(missingRanges(all, { fromMs: 5, toMs: 70 })).toEqual([])
})
