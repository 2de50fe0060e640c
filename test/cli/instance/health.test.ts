import { describe, expect, it } from 'vitest'
import { createHealth } from '../../../cli/instance/health.ts'
import { behindOrNull, lateOrNull, waitingOrNull } from '../../../cli/instance/unready-reasons.ts'
import { NinefoldError } from '../../../lib/errors.ts'

/** Time that passes only where somebody waits for it. */
function waitingClock() {
  let nowMs = 0
  const now = () => nowMs
  const pass = (milliseconds: number) => {
    nowMs += milliseconds
  }
  const sleep = async (milliseconds: number) => pass(milliseconds)
  return { now, sleep, pass }
}
/** Time in which nobody who sleeps is ever woken. */
const standingClock = { now: () => 0, sleep: () => new Promise<void>(() => undefined) }

describe('readiness', () => {
  it('names each part and why it is not ready; of an error its code and remedy, not its message', async () => {
    const health = createHealth(standingClock)
    health.add('start', () => null)
    health.add('lag', async () => 'too far behind')
    health.add('bus', () => Promise.reject(new NinefoldError('BUS_UNREACHABLE', 'kafka-7.internal:9092 as bob')))
    health.add('evaluation', () => {
      throw new TypeError('of nobody concern')
    })
    const parts = await health.readiness()
    expect(parts).toEqual([
      { part: 'start', ready: true, reason: '' },
      { part: 'lag', ready: false, reason: 'too far behind' },
      { part: 'bus', ready: false, reason: expect.stringMatching(/^BUS_UNREACHABLE: Check the brokers/) },
      { part: 'evaluation', ready: false, reason: 'INTERNAL' },
    ])
    expect(JSON.stringify(parts)).not.toMatch(/internal:9092|bob|concern/)
  })

  it('waits two seconds for a part that gives no answer, and not for the others', async () => {
    const clock = waitingClock()
    const health = createHealth(clock)
    health.add('store', () => new Promise(() => undefined))
    expect(await health.readiness()).toEqual([{ part: 'store', ready: false, reason: 'no answer within 2 s' }])
    expect(clock.now()).toBe(2000)
  })

  it('is looked at anew after half a second, however many ask', async () => {
    const clock = { ...standingClock, ...waitingClock(), sleep: standingClock.sleep }
    const health = createHealth(clock)
    let looks = 0
    health.add('store', () => {
      looks++
      return null
    })
    await Promise.all([health.readiness(), health.readiness()])
    clock.pass(500)
    await health.readiness()
    expect(looks).toBe(1)
    clock.pass(1)
    await health.readiness()
    expect(looks).toBe(2)
  })
})

describe('a sink', () => {
  const lease = (next: bigint, end: bigint) => ({
    committed: () => ({ next, intent: null }),
    endOffset: () => end,
  })

  it('is ready up to 10,000 payloads behind, over all that it holds', () => {
    expect(behindOrNull([])).toBe(null)
    expect(behindOrNull([lease(5n, 5005n), lease(0n, 5000n)])).toBe(null)
    expect(behindOrNull([lease(5n, 5006n), lease(0n, 5000n)])).toBe(
      '10001 payloads behind, up to 10000 are called ready',
    )
  })

  it('names the partitions that have not got on for ten seconds, by reason', () => {
    const waiting = (partition: number, sinceMs: number, reason: 'STORE_UNAVAILABLE' | 'STORE_QUOTA_EXCEEDED') => ({
      ...{ topic: 'otlp_spans' as const, partition, sinceMs, reason },
    })
    expect(waitingOrNull([waiting(0, 1, 'STORE_UNAVAILABLE')], 10_000)).toBe(null)
    const several = [
      waiting(2, 0, 'STORE_UNAVAILABLE'),
      waiting(1, 5000, 'STORE_UNAVAILABLE'),
      waiting(3, 9000, 'STORE_QUOTA_EXCEEDED'),
      waiting(4, 19_000, 'STORE_UNAVAILABLE'),
    ]
    expect(waitingOrNull(several, 20_000)).toMatch(
      /^otlp_spans\/1, otlp_spans\/2 for 20 s: STORE_UNAVAILABLE: .+ otlp_spans\/3 for 11 s: STORE_QUOTA_EXCEEDED: .+$/,
    )
  })
})

describe('a compute', () => {
  it('is ready while it evaluates once a minute', () => {
    expect(lateOrNull(undefined, 0)).toBe('nothing has been evaluated yet')
    expect(lateOrNull(1000, 61_000)).toBe(null)
    expect(lateOrNull(1000, 91_000)).toBe('the last evaluation was 90 s ago')
  })
})
