import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ProduceRecord } from '../../../ingest/bus/bus.ts'
import { createProber, type Prober } from '../../../ingest/synthetics/prober.ts'
import { dueBetween, nextDueMs, scheduleOf } from '../../../ingest/synthetics/schedule.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import type { SyntheticTransaction } from '../../../slo-specs/schema/transaction-model.ts'
import { captureLogger } from '../../factories/captured-logger.ts'
import { decodeSpans } from '../../factories/otlp.ts'
import { type ScrapedMetrics, startScrapedMetrics } from '../../factories/scraped-metrics.ts'
import { createHandClock } from './hand-clock.ts'
import { type ShopUnderTest, startShop } from './shop-under-test.ts'
import { transactionOf } from './transaction.ts'

const startMs = Date.UTC(2026, 10, 24, 12)
const minuteMs = 60_000
const patient = { timeout: 20_000 }
let shop: ShopUnderTest
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.close())

describe('the schedule of a transaction', () => {
  it('has every run in its place of the interval, the same after each start, and transactions spread over it', () => {
    const names = Array.from({ length: 200 }, (_, index) => `transaction-${index}`)
    const offsets = names.map(name => scheduleOf(name, 60).offsetMs)
    expect(names.map(name => scheduleOf(name, 60).offsetMs)).toEqual(offsets)
    const tenths = Map.groupBy(offsets, offset => Math.floor(offset / 6_000))
    expect(tenths.size).toBe(10)
    expect(Math.max(...[...tenths.values()].map(({ length }) => length))).toBeLessThan(50)
  })

  it('is due once an interval', () => {
    const schedule = { everyMs: 60_000, offsetMs: 7_000 }
    expect(nextDueMs(schedule, startMs)).toBe(startMs + 7_000)
    expect(nextDueMs(schedule, startMs + 7_000)).toBe(startMs + 67_000)
    expect(nextDueMs(schedule, startMs + 6_999.5)).toBe(startMs + 7_000)
    expect(dueBetween(schedule, startMs + 7_000, startMs + 67_000)).toBe(0)
    expect(dueBetween(schedule, startMs + 7_000, startMs + 67_001)).toBe(1)
    expect(dueBetween(schedule, startMs + 7_000, startMs + 187_500)).toBe(3)
  })
})

describe('the prober', () => {
  let metrics: ScrapedMetrics
  let prober: Prober
  let wanted: readonly SyntheticTransaction[]
  let produced: ProduceRecord[]
  /** What the bus says to the next records; it takes them when there is nothing left. */
  let refusals: Error[]
  const captured = captureLogger('info')
  let clock = createHandClock(startMs)

  const begin = (allowHosts = ['127.0.0.1']) => {
    const producer = {
      produce: async (record: ProduceRecord) => {
        const refusal = refusals.shift()
        if (refusal !== undefined) throw refusal
        produced.push(record)
        return { leftOut: 0, reasons: [] }
      },
    }
    prober = createProber({
      ...{ producer, clock, meter: metrics.meter, logger: captured.logger, version: '1.2.3' },
      transactions: () => wanted,
      rules: { allowHosts },
      resource: { 'cloud.region': 'eu-west-1' },
    })
    prober.start()
  }
  const buy = (name: string, path = '/cart') =>
    transactionOf([`{ name: ask, request: { url: "${shop.url}${path}" } }`], { name })
  const namesOf = () => produced.map(({ value }) => decodeSpans(value)[0]?.name)
  const untilProduced = (count: number) => expect.poll(() => produced.length, patient).toBe(count)

  beforeEach(async () => {
    metrics = await startScrapedMetrics()
    clock = createHandClock(startMs)
    produced = []
    refusals = []
  })
  afterEach(async () => {
    await prober.stop()
    await metrics.close()
  })

  it('runs each transaction once an interval and takes up what is added, changed and removed', async () => {
    wanted = [buy('a'), buy('b')]
    begin()
    await clock.pass(minuteMs)
    await untilProduced(2)
    expect(namesOf().sort()).toEqual(['a', 'b'])
    expect(produced[0]).toMatchObject({ topic: 'otlp_spans', source: 'prober' })
    wanted = [buy('b', '/down'), buy('c')]
    await clock.pass(minuteMs + 1000)
    await untilProduced(4)
    expect(namesOf().slice(2).sort()).toEqual(['b', 'c'])
    expect(await metrics.read('ninefold_synthetic_runs_total')).toBe(4)
    expect(await metrics.read('ninefold_synthetic_run_seconds_count')).toBe(4)
    expect(await metrics.read('ninefold_synthetic_failures_total', 'transaction="b"', 'reason="status"')).toBe(1)
    expect(await metrics.read('ninefold_synthetic_skipped_total')).toBeNull()
  })

  it('never has two runs of a transaction under way, and counts those that were due meanwhile', async () => {
    wanted = [buy('a', '/slow')]
    begin()
    const before = shop.requests.length
    await clock.pass(minuteMs)
    await expect.poll(() => shop.requests.length, patient).toBe(before + 1)
    await clock.pass(3 * minuteMs)
    expect(shop.requests).toHaveLength(before + 1)
    expect(produced).toEqual([])
    // Stopping gives it up: nothing is known of the shop.
    await prober.stop()
    expect(produced).toEqual([])
    expect(await metrics.read('ninefold_synthetic_skipped_total', 'reason="running"')).toBe(3)
  })

  it('leaves a run that would begin too late to the next one, and piles nothing up after a suspend', async () => {
    wanted = [buy('a')]
    begin()
    await clock.pass(minuteMs)
    await untilProduced(1)
    const { everyMs } = scheduleOf('a', 60)
    const dueMs = nextDueMs(scheduleOf('a', 60), clock.now())
    await clock.jump(dueMs - clock.now() + 10 * everyMs + everyMs * 0.75)
    expect(produced).toHaveLength(1)
    expect(await metrics.read('ninefold_synthetic_skipped_total', 'reason="late"')).toBe(1)
    await clock.pass(minuteMs)
    await untilProduced(2)
    const all = await metrics.read('ninefold_synthetic_skipped_total')
    expect(all).toBe(11)
  })

  it('asks nobody who is not allowed, and says precisely who and what to do', async () => {
    wanted = [buy('a')]
    begin([])
    const before = shop.requests.length
    await clock.pass(3 * minuteMs)
    expect(shop.requests).toHaveLength(before)
    expect(produced).toEqual([])
    expect(await metrics.read('ninefold_synthetic_skipped_total', 'reason="refused"')).toBe(3)
    const { host } = new URL(shop.url)
    expect(captured.lines()).toContainEqual(
      expect.objectContaining({
        code: 'SYNTHETIC_UNSAFE_URL',
        transaction: 'a',
        msg: `SyntheticTransaction a is not run: ${host}, which its step "ask" asks, is not https. Use https to a public host, or allow the host in synthetics.allowHosts.`,
      }),
    )
  })

  it('tries a bus that cannot take a result now again, and tells of one that is lost', async () => {
    wanted = [buy('a')]
    refusals = [new NinefoldError('BUS_BACK_PRESSURE', 'full'), new NinefoldError('DISK_FULL', 'full')]
    begin()
    await clock.pass(minuteMs)
    // It sleeps between tries.
    const afterASecond = async () => {
      await clock.pass(1000)
      return produced.length
    }
    await expect.poll(afterASecond, patient).toBe(1)
    expect(refusals).toEqual([])
    refusals = [new NinefoldError('BUS_RECORD_TOO_LARGE', 'too large')]
    await clock.pass(minuteMs)
    const lost = () => metrics.read('ninefold_synthetic_lost_total', 'code="BUS_RECORD_TOO_LARGE"')
    await expect.poll(lost, patient).toBe(1)
    expect(produced).toHaveLength(1)
  })
})
