import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BackfillProgress, backfill, noteLivedTime } from '../../../cli/demo/backfill.ts'
import { writeFilled } from '../../../cli/demo/history/filled.ts'
import { historyAttribute } from '../../../cli/demo/history/payload.ts'
import {
  browsingPerOrder,
  cartsPerOrder,
  dayMs,
  hourMs,
  ordersInHour,
  type Timeline,
} from '../../../cli/demo/history/timeline.ts'
import type { Clock } from '../../../lib/clock.ts'
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts'

/** A Sunday, half past eleven in the morning. */
const nowMs = Date.UTC(2026, 10, 22, 11, 30)
const seed = 7
const server = 2

describe('the backfill', () => {
  let receiver: OtlpReceiver
  let folder: string
  let clock: Clock & { readonly slept: number[]; nowMs: number }
  beforeEach(async () => {
    receiver = await startOtlpReceiver()
    folder = mkdtempSync(join(tmpdir(), 'ninefold-backfill-'))
    const slept: number[] = []
    clock = { nowMs, slept, now: () => clock.nowMs, sleep: async milliseconds => void slept.push(milliseconds) }
  })
  afterEach(async () => {
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const fill = (options: Partial<Parameters<typeof backfill>[0]> = {}) =>
    backfill({
      endpoint: receiver.url,
      markerFile: markerFile(),
      clock,
      signal: new AbortController().signal,
      seed,
      ...options,
    })
  /** Lets the next fill find all of its month filled but these days before now. */
  const leaveOpen = (fromDaysBefore: number, toDaysBefore: number, anchorMs = clock.nowMs) =>
    writeFilled(markerFile(), {
      anchorMs,
      ranges: [
        { fromMs: clock.nowMs - 31 * dayMs, toMs: clock.nowMs - fromDaysBefore * dayMs },
        { fromMs: clock.nowMs - toDaysBefore * dayMs, toMs: clock.nowMs },
      ],
    })
  const markerFile = () => join(folder, 'history.json')

  it('sends every day as many visits as the rhythm asks for, to the last one', async () => {
    clock.nowMs = Date.UTC(2026, 10, 22)
    await leaveOpen(4, 2)
    const result = await fill()
    const spans = receiver.spans()
    const timeline: Timeline = { anchorMs: clock.nowMs, endMs: clock.nowMs, seed }
    for (let day = 3; day <= 4; day++) {
      const fromMs = clock.nowMs - day * dayMs
      const hours = Array.from({ length: 24 }, (_, hour) => ordersInHour(timeline, fromMs + hour * hourMs))
      const expected = hours.reduce(
        (sum, orders) => sum + orders + Math.round(orders * browsingPerOrder) + Math.round(orders * cartsPerOrder),
        0,
      )
      // A visit belongs to the day in which it began, which its first span tells.
      const roots = spans.filter(
        ({ parentId, startMs }) => parentId === '' && startMs >= fromMs && startMs < fromMs + dayMs,
      )
      expect(roots).toHaveLength(expected)
    }
    expect(spans).toHaveLength(result.spans)
    expect(receiver.logs()).toHaveLength(result.logs)
  })

  it('makes the same bytes from the same seed and others from another', async () => {
    const digests: string[] = []
    for (const chosen of [seed, seed, seed + 1]) {
      receiver.bodies.length = 0
      await leaveOpen(3, 2)
      await fill({ seed: chosen })
      const bodies = receiver.bodies.map(({ path, body }) => path + createHash('sha256').update(body).digest('hex'))
      digests.push(bodies.sort().join())
    }
    expect(digests[1]).toBe(digests[0])
    expect(digests[2]).not.toBe(digests[0])
  })

  it('marks every event as history and keeps it inside what was missing', async () => {
    await leaveOpen(3.2, 3)
    await fill()
    const spans = receiver.spans()
    for (const { resource } of [...spans, ...receiver.logs()]) expect(resource[historyAttribute]).toBe(true)
    const starts = spans.filter(({ parentId }) => parentId === '').map(({ startMs }) => startMs)
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(nowMs - 3.2 * dayMs)
    expect(Math.max(...starts)).toBeLessThan(nowMs - 3 * dayMs)
  })

  it('sends the newest first', async () => {
    const reached: number[] = []
    await fill({ days: 2, onProgress: ({ reachedMs }: BackfillProgress) => reached.push(reachedMs) })
    expect(reached).toEqual([...reached].sort((a, b) => b - a))
    expect(reached.at(0)).toBeGreaterThan(nowMs - 2 * hourMs)
    expect(reached.at(-1)).toBe(nowMs - 2 * dayMs)
  })

  it('has a failed rollout of checkout in its past, in one zone and under its own version', async () => {
    await leaveOpen(9.4, 9)
    await fill()
    const all = receiver.spans().filter(({ kind, name }) => kind === server && name === 'POST /checkouts')
    const bad = all.filter(({ attributes }) => attributes['http.response.status_code'] === 500)
    const inIncident = bad.filter(({ resource }) => resource['service.version'] === '1.3.2')
    expect(inIncident.length).toBeGreaterThan(5)
    expect(new Set(inIncident.map(({ resource }) => resource['cloud.availability_zone']))).toEqual(
      new Set(['eu-west-1b']),
    )
    expect(bad.length - inIncident.length).toBeLessThanOrEqual(2)
    expect(all.some(({ resource }) => resource['service.version'] === '1.3.1')).toBe(true)
  })

  it('fills nothing the second time, and later only what is missing', async () => {
    await leaveOpen(3, 2.9)
    const first = await fill()
    expect(first.filled).toEqual([{ fromMs: nowMs - 3 * dayMs, toMs: nowMs - 2.9 * dayMs }])
    expect((await fill()).spans).toBe(0)
    receiver.bodies.length = 0
    clock.nowMs = nowMs + 2 * hourMs
    const later = await fill()
    expect(later.filled).toEqual([{ fromMs: nowMs, toMs: nowMs + 2 * hourMs }])
    expect(Math.min(...receiver.spans().map(({ startMs }) => startMs))).toBeGreaterThanOrEqual(nowMs)
  })

  it('leaves out the time that was really lived through', async () => {
    await leaveOpen(3, 2.9)
    await fill()
    const controller = new AbortController()
    const lived: Clock = {
      now: () => clock.nowMs,
      sleep: async () => {
        clock.nowMs += hourMs
        controller.abort()
      },
    }
    await noteLivedTime({ markerFile: markerFile(), clock: lived, signal: controller.signal })
    clock.nowMs += hourMs
    const later = await fill()
    expect(later.filled).toEqual([{ fromMs: nowMs + hourMs, toMs: nowMs + 2 * hourMs }])
  })

  it('refuses a marker that it cannot read rather than filling a past twice', async () => {
    writeFileSync(markerFile(), '{"version":1,"filled":')
    await expect(fill()).rejects.toMatchObject({ code: 'DEMO_MARKER_DAMAGED' })
    expect(receiver.bodies).toEqual([])
  })

  it('stops when told to and goes on from there in the next run, so that nothing is sent twice', async () => {
    const controller = new AbortController()
    const stopped = fill({
      days: 3,
      signal: controller.signal,
      onProgress: ({ chunksDone }) => chunksDone === 3 && controller.abort(),
    })
    await expect(stopped).rejects.toThrow('aborted')
    const before = JSON.parse(readFileSync(markerFile(), 'utf8'))
    const rest = await fill({ days: 3 })
    expect(before.filled[0].fromMs).toBeGreaterThan(nowMs - 3 * dayMs)
    expect(rest.filled).toEqual([{ fromMs: nowMs - 3 * dayMs, toMs: before.filled[0].fromMs }])
  })

  it.each([429, 503])('waits as long as the door asks for with %i and sends again', async status => {
    receiver.answers.push({ status, headers: { 'retry-after': '7' } })
    const result = await fill({ days: 0.1 })
    expect(clock.slept).toEqual([7000])
    expect(receiver.spans()).toHaveLength(result.spans)
  })

  it('gives up with the answer when the door refuses the history', async () => {
    receiver.answers.push({ status: 415 }, { status: 415 })
    await expect(fill()).rejects.toMatchObject({ code: 'DEMO_HISTORY_REFUSED' })
    expect(clock.slept).toEqual([])
  })
})
