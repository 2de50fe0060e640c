import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PagerDutyStub, startPagerDutyStub } from '../../../cli/demo/pagerduty-stub.ts'
import type { Rollout } from '../../../cli/demo/shop.ts'
import { tellStory } from '../../../cli/demo/story.ts'
import type { Clock } from '../../../lib/clock.ts'

const routingKey = 'k'.repeat(32)
const second = 1000
const slo = 'checkout-availability/page/2026-11-22T11:31Z'

/** Time that passes in steps of a second, as fast as the listeners keep up; what is planned for a second happens in it. */
function createSteppedClock(plan: ReadonlyMap<number, () => Promise<void>>): Clock {
  let nowMs = 0
  return {
    now: () => nowMs,
    sleep: async (milliseconds, signal) => {
      const untilMs = nowMs + milliseconds
      while (nowMs < untilMs && signal?.aborted !== true) {
        nowMs += second
        await plan.get(nowMs)?.()
        await setImmediate()
      }
    },
  }
}

describe('the story', () => {
  let stub: PagerDutyStub
  let controller: AbortController
  let plan: Map<number, () => Promise<void>>
  let clock: Clock
  const lines: string[] = []
  const rollouts: { atMs: number; rollout: Rollout }[] = []
  beforeEach(async () => {
    lines.length = 0
    rollouts.length = 0
    plan = new Map()
    clock = createSteppedClock(plan)
    controller = new AbortController()
    stub = await startPagerDutyStub({ routingKey, clock })
  })
  afterEach(() => stub.stop())

  const send = async (event: Record<string, unknown>) => {
    const body = JSON.stringify({ routing_key: routingKey, dedup_key: slo, ...event })
    await fetch(stub.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  }
  const page = () =>
    send({
      event_action: 'trigger',
      links: [{ href: 'http://127.0.0.1:8080/slos/a', text: 'SLO in Ninefold' }],
      payload: { summary: 'Checkout burns', source: 'checkout', severity: 'critical', class: 'slo burn rate' },
    })
  const tell = () =>
    tellStory({
      shop: {
        rollOut: async rollout => void rollouts.push({ atMs: clock.now(), rollout }),
        visits: () => ({ sent: 2000, failed: 31 }),
      },
      pagerDuty: stub,
      describeBudget: async () => '61.2 % of the 30 d budget is left',
      clock,
      print: line => lines.push(line),
      signal: controller.signal,
    })

  it('rolls out, waits for the page, rolls back soon after it and ends with the resolve', async () => {
    plan.set(65 * second, page)
    plan.set(400 * second, () => send({ event_action: 'resolve' }))
    await tell()
    expect(rollouts).toMatchObject([
      { atMs: 30 * second, rollout: { service: 'checkout', zone: 'eu-west-1b', version: '1.5.0', failureShare: 0.7 } },
      { atMs: 77 * second, rollout: { service: 'checkout', zone: 'eu-west-1b', version: '1.4.0', failureShare: 0 } },
    ])
    expect(lines).toEqual([
      '00:00  the shop is open; in 30 s a bad version will be rolled out',
      '00:30  checkout 1.5.0 is being rolled out in eu-west-1b; it fails 70 % of requests',
      '01:05  PagerDuty got a page: Checkout burns',
      '01:05    SLO in Ninefold: http://127.0.0.1:8080/slos/a',
      '01:17  checkout 1.5.0 is being rolled back in eu-west-1b; 31 of 2000 visits have failed so far',
      '01:17  61.2 % of the 30 d budget is left',
      '01:17  the fault is gone; the page resolves once the short window is quiet, in some minutes',
      '06:40  PagerDuty: resolved after 5 min 35 s: checkout-availability/page/2026-11-22T11:31Z',
      '06:40  no incident is open any more; the shop goes on until Ctrl-C',
      '06:40  61.2 % of the 30 d budget is left',
    ])
  })

  it('rolls back even when no page comes, and says so', async () => {
    plan.set(120 * second, async () => controller.abort())
    await tell()
    expect(rollouts.map(({ atMs }) => atMs)).toEqual([30 * second, 85 * second])
    expect(lines.at(-1)).toBe('01:25  no page has come yet; the viewer shows what the alert conditions see')
  })

  it('does not take another service’s page for that of the bad deployment', async () => {
    plan.set(40 * second, () =>
      send({
        event_action: 'trigger',
        dedup_key: 'cart',
        payload: { summary: 'Cart', source: 'cart', severity: 'critical' },
      }),
    )
    plan.set(120 * second, async () => controller.abort())
    await tell()
    expect(lines).toContain('00:40  PagerDuty got a page: Cart')
    expect(rollouts.map(({ atMs }) => atMs)).toEqual([30 * second, 85 * second])
  })

  it('rolls nothing out when it is stopped before', async () => {
    plan.set(10 * second, async () => controller.abort())
    await tell()
    expect(rollouts).toEqual([])
  })

  it('tells of events that are no pages for what they are', async () => {
    plan.set(5 * second, () =>
      send({ event_action: 'trigger', payload: { summary: 'Cart', source: 'cart', severity: 'warning' } }),
    )
    plan.set(6 * second, () => send({ event_action: 'acknowledge' }))
    plan.set(7 * second, () => send({ event_action: 'resolve', dedup_key: 'other' }))
    plan.set(8 * second, async () => controller.abort())
    await tell()
    expect(rollouts).toEqual([])
    expect(lines.slice(1)).toEqual([
      '00:05  PagerDuty got an event (warning): Cart',
      '00:06  PagerDuty: acknowledged: Cart',
      '00:07  PagerDuty got a resolve of an incident it does not know',
    ])
  })
})
