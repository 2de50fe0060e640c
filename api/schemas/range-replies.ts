import { z } from 'zod'
import { count, knownData, layerName, rangeReply, sli, time } from './replies.ts'

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

const sums = { good: count, valid: count, bad: count }
const attributedPart = z.object({
  value: z.string().meta({ description: 'Empty for events that do not say' }),
  ...sums,
  shareOfBad: z.number(),
  shareOfValid: z.number(),
  excess: z
    .number()
    .meta({ description: 'shareOfBad − shareOfValid: above 0 where more fails than its traffic explains' }),
  burnRate: z.number().nullable().meta({
    description: 'What the burn rate of the whole would be if only these bad events were bad; the parts sum to it',
  }),
})
const others = z
  .object({ values: z.int(), ...sums })
  .nullable()
  .meta({
    description: 'What more than 50 values have in sum; with it the values sum to the whole, to the event',
  })

/** Every layer at once; counts are of events, whatever the budgeting method. */
export const attribution = z.object({
  ...knownRangeReply,
  window: z.string(),
  ...sums,
  burnRate: z.number().nullable(),
  where: z.object({ layer: layerName, value: z.string() }).nullable().meta({
    description:
      'What a page about this window would name first; null where nothing is bad, or no layer tells anything',
  }),
  layers: z.array(z.object({ layer: layerName, values: z.array(attributedPart), others })).meta({
    description:
      'Layers that the SLO keeps and their values, by the excess of what has at least a twentieth of the bad events',
  }),
  versions: z
    .object({ from: time, to: time, values: z.array(attributedPart.extend({ service: z.string() })), others })
    .nullable()
    .meta({
      description:
        'By service and service.version (the value), from the raw events of the last day of the window; null where rows are no events',
    }),
})
