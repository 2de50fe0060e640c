import type { TimeSlices } from '../../slo-specs/schema/model.ts'
import { sliceShareOf } from './slice-share.ts'
import type { SliceRead } from './slicing.ts'
import type { Counts } from './status.ts'

/** What was counted in one minute; `minute` is its beginning in seconds since the epoch. */
export interface MinuteCount extends Counts {
  readonly minute: number
}

/** Counts of a stretch of time by the minute, summed up from its beginning, so that any window is one difference. */
export interface MinuteSeries {
  readonly fromMs: number
  readonly toMs: number
  /** Of the whole minutes of `[fromMs, toMs)`; what lies outside of the series counts nothing. */
  between(fromMs: number, toMs: number): Counts
}

const minuteMs = 60_000

/** Takes counts as they are read, so that no row is kept: 16 bytes a minute, whatever was counted. */
export interface MinuteTally {
  /** A minute outside of the range is left out; one that comes twice keeps what came last. */
  set(minute: number, good: bigint, valid: bigint): void
  /** What was taken; the tally is done with after that. */
  series(): MinuteSeries
}

/** @param range of whole minutes. */
export function minuteTally({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): MinuteTally {
  const length = Math.max(0, (toMs - fromMs) / minuteMs)
  const good = new BigUint64Array(length + 1)
  const valid = new BigUint64Array(length + 1)
  const indexOf = (ms: number) => Math.min(length, Math.max(0, Math.floor((ms - fromMs) / minuteMs)))
  return {
    set: (minute, goodOfMinute, validOfMinute) => {
      const index = (minute * 1000 - fromMs) / minuteMs + 1
      if (index < 1 || index > length) return
      good[index] = goodOfMinute
      valid[index] = validOfMinute
    },
    series: () => {
      for (let index = 1; index <= length; index++) {
        good[index] = (good[index - 1] ?? 0n) + (good[index] ?? 0n)
        valid[index] = (valid[index - 1] ?? 0n) + (valid[index] ?? 0n)
      }
      return {
        fromMs,
        toMs,
        between: (startMs, endMs) => {
          const [start, end] = [indexOf(startMs), indexOf(endMs)]
          if (start >= end) return { good: 0n, valid: 0n }
          return {
            good: (good[end] ?? 0n) - (good[start] ?? 0n),
            valid: (valid[end] ?? 0n) - (valid[start] ?? 0n),
          }
        },
      }
    },
  }
}

/** @param minutes in any order; a minute outside of the range, which is of whole minutes, is left out. */
export function minuteSeries(
  range: { readonly fromMs: number; readonly toMs: number },
  minutes: Iterable<MinuteCount>,
): MinuteSeries {
  const tally = minuteTally(range)
  for (const { minute, good, valid } of minutes) tally.set(minute, good, valid)
  return tally.series()
}

/** Slices of a series, judged once; `read` gives those that begin at or after `from` out of what was counted before `now` (seconds). */
export interface SliceSeries {
  read(from: number, now: number): SliceRead
}

/** Slices begin at whole multiples of their length since 1970, as in the roll-ups. */
export function sliceSeries(series: MinuteSeries, slices: TimeSlices): SliceSeries {
  const { seconds } = slices
  const { goodOf } = sliceShareOf(slices)
  const firstIndex = Math.floor(series.fromMs / 1000 / seconds)
  const length = Math.max(0, Math.ceil(series.toMs / 1000 / seconds) - firstIndex)
  const good = new Array<bigint>(length + 1).fill(0n)
  const judged = new Float64Array(length + 1)
  for (let index = 0; index < length; index++) {
    const startMs = (firstIndex + index) * seconds * 1000
    const counts = series.between(startMs, startMs + seconds * 1000)
    const counted = counts.valid > 0n
    judged[index + 1] = (judged[index] ?? 0) + (counted ? 1 : 0)
    good[index + 1] = (good[index] ?? 0n) + (counted ? goodOf(counts) : 0n)
  }
  const clamp = (index: number) => Math.min(length, Math.max(0, index - firstIndex))
  return {
    read: (from, now) => {
      const running = Math.floor(now / seconds)
      const [start, end] = [clamp(Math.ceil(from / seconds)), clamp(running)]
      const over = start >= end ? 0 : (judged[end] ?? 0) - (judged[start] ?? 0)
      const goodOver = start >= end ? 0n : (good[end] ?? 0n) - (good[start] ?? 0n)
      const begun =
        running * seconds >= from ? series.between(running * seconds * 1000, now * 1000) : { good: 0n, valid: 0n }
      const isJudged = begun.valid > 0n
      return {
        good: goodOver + (isJudged ? goodOf(begun) : 0n),
        judged: BigInt(over + (isJudged ? 1 : 0)),
        over: BigInt(over),
        events: series.between(Math.ceil(from / seconds) * seconds * 1000, now * 1000),
      }
    },
  }
}
