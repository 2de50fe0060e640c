import { z } from 'zod'
import { layerNames } from '../../slo-specs/schema/layers.ts'
import { budgetingMethods } from '../../slo-specs/schema/model.ts'

/** What the API answers with: the OpenAPI document is generated from these, and the tests hold real answers against them. */

/** A count of events (of the method Timeslices: of slices); an exact integer. */
export const count = z
  .int()
  .meta({ description: 'A count of events, of the method Timeslices of slices; an exact integer' })
export const time = z.iso.datetime().meta({ description: 'UTC' })
export const sli = z.number().nullable().meta({
  description:
    'good / valid, of RatioTimeslices the mean of that over the judged slices; unrounded; null when nothing was valid',
})

export const knownData = z.object({ from: time, to: time }).nullable().meta({
  description:
    'The part of the stretch of time that the numbers are of: later than its beginning where that lies before the first data, or its rows are past their retention. Null without data',
})

const burnRate = z.object({
  window: z.string(),
  windowSeconds: z.int(),
  rate: z.number().nullable().meta({ description: '(1 − SLI) / (1 − objective); null when valid is 0' }),
  good: count,
  valid: count,
  coverage: z.number(),
})

const alertRule = z.object({
  severity: z.enum(['page', 'ticket']),
  conditions: z.array(
    z.object({
      name: z.string(),
      op: z.enum(['gt', 'gte', 'lt', 'lte']),
      threshold: z.number(),
      longWindowSeconds: z.int(),
      shortWindowSeconds: z.int().nullable(),
      budgetShare: z.number().nullable(),
      verdict: z
        .enum(['holds', 'below', 'no-data', 'uncovered', 'too-few-valid', 'too-little-evidence'])
        .meta({ description: 'Whether it holds now; else why nobody is told although, or because, of its burn rates' }),
    }),
  ),
})

export const correction = z
  .object({
    name: z.string(),
    description: z.string(),
    reason: z.string(),
    approver: z.string(),
    leavesOut: z.string().meta({ description: 'When, and which events: all, or those where a filter is true' }),
    occurrences: z.int(),
    spans: z
      .array(z.object({ from: time, to: time }))
      .meta({ description: 'The last 200 occurrences, as far as they lie in the range' }),
  })
  .meta({ id: 'Correction' })

export const slo = z
  .object({
    name: z.string(),
    displayName: z.string(),
    description: z.string(),
    service: z.string(),
    objective: z.number(),
    objectiveText: z.string(),
    budgetingMethod: z.enum(budgetingMethods),
    window: z.object({ kind: z.enum(['rolling', 'calendar']), text: z.string(), from: time, to: time }),
    good: count,
    valid: count,
    bad: count,
    sli,
    errorBudget: z.object({
      allowed: z.number(),
      consumed: z
        .number()
        .meta({ description: 'valid − good; of RatioTimeslices the sum of 1 − SLI over the judged slices, unrounded' }),
      remaining: z.number(),
      remainingRatio: z.number().meta({ description: '1 − (1 − SLI)/(1 − objective); signed, never clamped' }),
      exhaustedAt: time.nullable().meta({ description: "at the last hour's burn rate; null when it does not end" }),
      exhaustedAtDayRate: time.nullable(),
    }),
    burnRates: z.array(burnRate),
    coverage: z.number().meta({ description: 'Share of the minutes of the window that have data' }),
    data: knownData,
    status: z.enum(['healthy', 'burning', 'exhausted', 'no-data']),
    inconsistent: z.boolean(),
    layers: z.array(z.enum(layerNames)),
    budgetPolicy: z
      .object({
        action: z.enum(['none', 'notify', 'review', 'freeze', 'unknown']),
        reached: z.array(
          z.object({
            policy: z.string(),
            remaining: z.number(),
            action: z.enum(['notify', 'review', 'freeze']),
            message: z.string(),
          }),
        ),
      })
      .meta({ description: 'The strictest step that the budget has reached, and all of them; unknown without data' }),
    corrections: z
      .array(correction)
      .meta({ description: 'What is left out of the window, and who approved it; empty when nothing is' }),
    members: z
      .array(
        z.object({
          name: z.string(),
          displayName: z.string(),
          weight: z.number(),
          good: count,
          valid: count,
          sli,
          shareOfConsumed: z.number().meta({ description: "Share of what is consumed of the composite's budget" }),
          shareOfBurn: z.number().meta({ description: 'Share of what burns in the last hour' }),
        }),
      )
      .meta({ description: 'Of a composite the SLOs that its SLI is the weighted mean of; empty otherwise' }),
    alerts: z.array(alertRule),
    runbook: z.string(),
    revision: z.string(),
    evaluatedAt: time,
  })
  .meta({ id: 'Slo' })

/** One SLO has what takes more reading than a list of them should cost. */
export const sloDetail = slo
  .extend({
    bounds: z.object({ from: time, to: time, valid: count, goodAtLeast: count, goodAtMost: count }).nullable().meta({
      description:
        'Of an SLO that judges the values of histograms, over the last day (or its window, if that is shorter): measurements in a bucket that the value cuts are not good in goodAtLeast, which the SLO counts, and good in goodAtMost. Null of others',
    }),
  })
  .meta({ id: 'SloDetail' })

export const layerName = z.enum(layerNames)

/** The range that was asked for, as it was understood. */
export const rangeReply = { from: time, to: time }

export const episode = z
  .object({
    slo: z.string(),
    service: z.string(),
    severity: z.enum(['page', 'ticket', 'no-data']),
    state: z.enum(['inactive', 'pending', 'firing', 'resolved']),
    dedupKey: z.string(),
    pendingSince: time.nullable(),
    firedAt: time.nullable(),
    resolvedAt: time.nullable(),
    frozen: z.boolean(),
    inhibited: z.boolean(),
    budgetRemainingRatio: z.number().nullable(),
    suspectVersion: z.string().nullable(),
    evidence: z.array(
      z.object({
        condition: z.string(),
        threshold: z.number(),
        longWindowSeconds: z.int(),
        longBurnRate: z.number().nullable(),
        longGood: count,
        longValid: count,
        shortWindowSeconds: z.int().nullable(),
        shortBurnRate: z.number().nullable(),
      }),
    ),
    burningLayers: z.array(
      z.object({ layer: z.string(), value: z.string(), bad: count, valid: count, shareOfBad: z.number() }),
    ),
  })
  .meta({ id: 'AlertEpisode' })

export const notification = z
  .object({
    id: z.string(),
    slo: z.string(),
    severity: z.enum(['page', 'ticket', 'no-data']),
    target: z.string(),
    action: z.enum(['trigger', 'resolve']),
    dedupKey: z.string(),
    state: z.enum(['pending', 'sent', 'rejected', 'superseded']),
    attempts: z.int(),
    createdAt: time,
    sentAt: time.nullable(),
    lastError: z.string(),
    body: z.string().meta({ description: 'The JSON that was sent, the routing key masked' }),
  })
  .meta({ id: 'Notification' })

export const deployment = z.object({ service: z.string(), version: z.string(), firstSeen: time })

const panelFields = { id: z.int(), title: z.string(), description: z.string(), unit: z.string() }
export const dashboardSummary = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  panels: z.array(z.object(panelFields)),
})

export const panelData = z
  .object({
    ...panelFields,
    ...rangeReply,
    stepSeconds: z.int().nullable().meta({ description: 'Of what is shown over time; null otherwise' }),
    columns: z.array(z.object({ name: z.string(), type: z.enum(['time', 'text', 'number', 'count']) })),
    rows: z
      .array(z.array(z.union([z.string(), z.number(), z.null()])))
      .meta({ description: 'One cell a column: times in UTC, counts as exact integers, null where there is no data' }),
    omitted: z.int().meta({ description: 'SLOs or rows beyond the bounds, at least so many; the least urgent ones' }),
  })
  .meta({ id: 'PanelData' })

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    remedy: z.string(),
    retryable: z.boolean(),
    instance: z.string().meta({ description: 'Names this one occurrence; the log line carries it as requestId' }),
    errors: z
      .array(z.object({ in: z.enum(['path', 'query', 'header', 'body']), parameter: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Every parameter that is wrong, not only the first' }),
    parts: z
      .array(z.object({ part: z.string(), ready: z.boolean(), reason: z.string() }))
      .optional()
      .meta({ description: 'Of /readyz: what the process needs, and why it has not got it' }),
  })
  .meta({ id: 'Problem' })
