import { z } from 'zod'
import { ratioSignals } from '../../slo-specs/schema/ratio-model.ts'
import { knownData, layerName, time } from './replies.ts'

/** What the API answers with about ratios. */

const side = z.object({
  signal: z.enum(ratioSignals),
  filter: z.string(),
  aggregate: z.string().meta({ description: 'count, sum(x), uniq(x), avg(x), min(x), max(x) or quantile(q)(x)' }),
})

const amount = z.number().nullable().meta({
  description: 'Whole amounts are exact integers; null where no event had a value',
})

export const quotient = {
  value: z
    .number()
    .nullable()
    .meta({ description: 'numerator / denominator, unrounded; null when the denominator is 0 or a side has no value' }),
  numerator: amount,
  denominator: amount,
  isEstimate: z.boolean().meta({
    description: 'A side is a quantile (within 0.5 %), or more than 32,768 different texts (within about 0.1 %)',
  }),
}

export const ratio = z
  .object({
    name: z.string(),
    displayName: z.string(),
    description: z.string(),
    unit: z.string(),
    numerator: side,
    denominator: side,
    layers: z.array(layerName),
    includeSynthetic: z.boolean(),
    revision: z.string(),
    windows: z
      .array(
        z.object({
          ...{ window: z.string(), windowSeconds: z.int(), from: time, to: time, data: knownData },
          coverage: z.number().meta({ description: 'Share of the minutes of the window that have data of both sides' }),
          ...quotient,
        }),
      )
      .meta({ description: 'The shortest first; each ends with the running minute' }),
  })
  .meta({ id: 'Ratio' })

export const ratioPoint = z.object({ at: time, ...quotient })

export const ratioLayerRow = z.object({
  layerValue: z.string().meta({ description: 'Empty for events that do not say' }),
  ...quotient,
})
