import { z } from 'zod'
import { count, knownData, rangeReply, sli, time } from './replies.ts'

/** What the API answers about an SLO over a range of time. */

/** The range, and how much of it is known. */
export const knownRangeReply = {
  ...{ ...rangeReply, data: knownData },
  coverage: z.number().meta({ description: 'Share of the minutes of the range, up to now, that have data' }),
}

export const historyPoint = z.object({
  at: time,
  good: count,
  valid: count,
  sli,
  budgetRemainingRatio: z.number().nullable(),
  burnRate: z.number().nullable(),
})

export const layerRow = z.object({
  value: z.string(),
  good: count,
  valid: count,
  sli,
  burnRate: z.number().nullable(),
  shareOfBad: z.number(),
})

export const layerSeries = z.object({
  value: z.string(),
  points: z.array(z.object({ at: time, good: count, valid: count, sli })),
})
