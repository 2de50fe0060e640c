import { z } from 'zod'
import { layerNames } from '../layers.ts'
import { text } from './texts.ts'

/**
 * OpenSLO v1 as it is written, field by field; what is allowed but not supported yet is here too, so that it is reported as such
 * and not as unknown. References or inline definitions stay `unknown` here and are read where they are resolved.
 */
const annotations = z.record(z.string(), z.string())
const labels = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

/** The specification allows so much. */
const description = z.string().max(1_050).optional()

export const metadataShape = z.strictObject({
  name: z.string(),
  displayName: text.optional(),
  labels: labels.optional(),
  annotations: annotations.optional(),
})
export type Metadata = z.output<typeof metadataShape>

export const definitionShape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: metadataShape,
  spec: z.unknown(),
})

/** An inline definition needs no apiVersion, and a kind only where it could be several. */
export const inlineShape = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: metadataShape,
  spec: z.unknown(),
})

export const serviceShape = z.strictObject({ description })

export const dataSourceShape = z.strictObject({
  description,
  type: z.string(),
  connectionDetails: z.unknown().optional(),
})

const calendar = z.strictObject({ startTime: text.optional(), timeZone: text.optional() })
export const timeWindowShape = z.strictObject({
  duration: z.string(),
  isRolling: z.boolean().optional(),
  calendar: calendar.optional(),
})

/** A number or the text of one; the exact digits come from the file. */
const number = z.number()
export const objectiveShape = z.strictObject({
  displayName: text.optional(),
  target: number.optional(),
  targetPercent: number.optional(),
  op: text.optional(),
  value: number.optional(),
  timeSliceTarget: number.optional(),
  /** A number is one of minutes. */
  timeSliceWindow: z.union([text, number]).optional(),
  indicator: z.unknown().optional(),
  indicatorRef: text.optional(),
  compositeWeight: number.optional(),
})

export const sloShape = z.strictObject({
  description,
  service: z.string(),
  indicator: z.unknown().optional(),
  indicatorRef: z.string().optional(),
  timeWindow: z.array(timeWindowShape),
  budgetingMethod: z.string(),
  objectives: z.array(objectiveShape),
  alertPolicies: z.array(z.unknown()).optional(),
})

export const metricSourceShape = z.strictObject({
  metricSourceRef: z.string().optional(),
  type: z.string().optional(),
  spec: z.unknown(),
})
const metric = z.strictObject({ metricSource: metricSourceShape })
export const ratioMetricShape = z.strictObject({
  counter: z.boolean().optional(),
  good: metric.optional(),
  bad: metric.optional(),
  total: metric.optional(),
  rawType: text.optional(),
  raw: metric.optional(),
})
export const sliShape = z.strictObject({
  description,
  ratioMetric: ratioMetricShape.optional(),
  thresholdMetric: metric.optional(),
})
export const telemetryShape = z.strictObject({ signal: z.string(), filter: z.string(), value: z.string().optional() })

const query = z.string().min(1).max(20_000)
export const prometheusShape = z.strictObject({
  query,
  layers: z.partialRecord(z.enum(layerNames), z.string()).optional(),
})
export const clickhouseShape = z.strictObject({ query })
const secretName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, 'is no name of a secret: small letters, digits, hyphens, dots')
export const prometheusConnectionShape = z.strictObject({
  url: z.string().max(2_000),
  username: text.optional(),
  passwordSecret: secretName.optional(),
  bearerTokenSecret: secretName.optional(),
})

export const alertPolicyShape = z.strictObject({
  description,
  alertWhenNoData: z.boolean().optional(),
  alertWhenResolved: z.boolean().optional(),
  alertWhenBreaching: z.boolean().optional(),
  conditions: z.array(z.unknown()).optional(),
  notificationTargets: z.array(z.unknown()).optional(),
})
export const burnConditionShape = z.strictObject({
  kind: z.string().optional(),
  op: z.string().optional(),
  threshold: z.number(),
  lookbackWindow: z.string(),
  alertAfter: z.string().optional(),
})
export const alertConditionShape = z.strictObject({
  description,
  severity: z.string(),
  condition: burnConditionShape,
})
export const notificationTargetShape = z.strictObject({ description, target: z.string() })

/** References inside lists, beside plain names. */
export const alertPolicyReference = z.strictObject({ alertPolicyRef: z.string() })
export const conditionReference = z.strictObject({ conditionRef: z.string() })
export const targetReference = z.strictObject({ targetRef: z.string() })
