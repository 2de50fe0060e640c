import { z } from 'zod'
import { layerNames } from '../layers.ts'
import { aggregate, duration, moment, names, recurrenceRule, share, text } from './texts.ts'

/** The kinds of ninefold.dev/v1, field by field (BurnLadder: ladder-shape.ts). */

const signal = z.enum(['traces', 'logs', 'metrics', 'synthetics', 'events', 'costs'])
const filter = z.string().describe('CEL over the attributes of an event')

const ratioSide = z.strictObject({ signal, filter, aggregate })
export const ratioShape = z
  .strictObject({
    description: text.optional(),
    numerator: ratioSide,
    denominator: ratioSide,
    layers: z.array(z.enum(layerNames)).optional(),
    unit: text.optional(),
    includeSynthetic: z.boolean().optional(),
  })
  .describe('One number over another, such as cost per order')

const step = z.strictObject({
  name: z.string().min(1, 'is empty').max(200),
  request: z.strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    url: z.string().max(2_000),
    headers: z.record(z.string(), z.string()).optional(),
    body: text.optional(),
  }),
  extracts: z.record(z.string(), z.string()).optional().describe('Name to JSON path of the answer'),
  expect: z
    .strictObject({
      status: z.array(z.number().int().min(100).max(599)).min(1, 'has no entry').optional(),
      within: duration.optional(),
      bodyContains: text.optional(),
    })
    .optional(),
})
export const syntheticTransactionShape = z
  .strictObject({
    description: text.optional(),
    service: z.string(),
    schedule: z.strictObject({ every: duration, timeout: duration.optional() }),
    steps: z.array(step).min(1, 'has no entry').max(100, 'has more than 100 steps'),
  })
  .describe('Requests that are made again and again as a customer would')

export const correctionShape = z
  .strictObject({
    description: text.optional(),
    slos: names,
    reason: text,
    approver: text,
    timeRange: z.strictObject({ from: moment, to: moment }).optional(),
    recurrence: z.strictObject({ rule: recurrenceRule, startTime: moment, duration, timeZone: z.string() }).optional(),
    predicate: z.strictObject({ signal: signal.optional(), filter }).optional(),
  })
  .describe('Events that are left out of the count, such as announced maintenance')

export const budgetPolicyShape = z
  .strictObject({
    description: text.optional(),
    slos: names,
    steps: z
      .array(
        z.strictObject({
          remaining: share.describe('From this share of the budget left on downwards'),
          action: z.enum(['notify', 'review', 'freeze']),
          message: text.optional(),
          notificationTargets: z.array(z.string()).optional(),
        }),
      )
      .min(1, 'has no entry'),
  })
  .describe('What happens when 50, 25 or 0 % of a budget are left')

export const journeyShape = z
  .strictObject({
    description: text.optional(),
    service: z.string(),
    within: duration.optional(),
    steps: z
      .array(z.strictObject({ name: z.string(), filter, optional: z.boolean().optional() }))
      .min(1, 'has no entry'),
  })
  .describe("Several services' spans of one trace, judged as one transaction")

export const resourceShape = z
  .strictObject({
    description: text.optional(),
    service: z.string(),
    used: z.strictObject({ signal, filter, value: z.string() }),
    capacity: z.number().gt(0, 'is above 0').optional(),
    measuredCapacity: z.strictObject({ signal, filter, value: z.string() }).optional(),
    unit: text.optional(),
    warnAt: share.optional(),
    forecast: z.strictObject({ over: duration, warnBefore: duration }).optional(),
  })
  .describe('A capacity to watch and forecast')

export const notificationRouteShape = z
  .strictObject({
    description: text.optional(),
    match: z.strictObject({
      severities: z.array(z.enum(['page', 'ticket', 'no-data'])).optional(),
      services: z.array(z.string()).optional(),
      slos: z.array(z.string()).optional(),
      labels: z.record(z.string(), z.string()).optional(),
    }),
    notificationTargets: names,
  })
  .describe('Who is told of what')
