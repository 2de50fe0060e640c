import { z } from 'zod'
import { type Kind, kinds, ninefoldKinds } from './api-version.ts'
import { ninefoldShapes } from './kinds/ninefold.ts'
import {
  alertConditionShape,
  alertPolicyReference,
  alertPolicyShape,
  conditionReference,
  dataSourceShape,
  metadataShape,
  notificationTargetShape,
  objectiveShape,
  serviceShape,
  sliShape,
  sloShape,
  targetReference,
} from './kinds/shapes.ts'

/** A definition written where a reference could be. */
const inline = (spec: z.ZodType) =>
  z.strictObject({ apiVersion: z.string().optional(), kind: z.string().optional(), metadata: metadataShape, spec })

const target = z.union([z.string(), targetReference, inline(notificationTargetShape)])
const condition = z.union([z.string(), conditionReference, inline(alertConditionShape)])
const policy = alertPolicyShape.extend({
  conditions: z.array(condition).optional(),
  notificationTargets: z.array(target).optional(),
})
const indicator = inline(sliShape)

/** What the readers of a kind check in several steps, here as one shape. */
const specs: Readonly<Record<Kind, z.ZodType>> = {
  ...ninefoldShapes,
  Service: serviceShape,
  DataSource: dataSourceShape,
  SLI: sliShape,
  SLO: sloShape.extend({
    indicator: indicator.optional(),
    objectives: z.array(objectiveShape.extend({ indicator: indicator.optional() })),
    alertPolicies: z.array(z.union([z.string(), alertPolicyReference, inline(policy)])).optional(),
  }),
  AlertPolicy: policy,
  AlertCondition: alertConditionShape,
  AlertNotificationTarget: notificationTargetShape,
}

const comment = 'Generated from slo-specs/schema/kinds by the tests of slo-specs (vitest -u); do not edit.'

/**
 * The JSON Schemas (draft 2020-12) of all kinds by file name, and `specs.json`, which holds them all for an editor:
 * `# yaml-language-server: $schema=<path>/specs.json`. They say what a definition looks like; `validate` says more.
 */
export function jsonSchemas(): ReadonlyMap<string, Record<string, unknown>> {
  const ofKinds = kinds.map(kind => [kind, definitionSchema(kind)] as const)
  const whole = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: comment,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { kind: { enum: kinds } },
    // By its kind, so that an editor speaks of that one only.
    allOf: kinds.map(kind => ({
      if: { not: { properties: { kind: { const: kind } } } },
      else: { $ref: `#/$defs/${kind}` },
    })),
    $defs: Object.fromEntries(ofKinds.map(([kind, { $schema: _, ...schema }]) => [kind, schema])),
  }
  const schemas = new Map<string, Record<string, unknown>>()
  for (const [kind, schema] of ofKinds) schemas.set(`${kind}.json`, { ...schema, $comment: comment })
  return schemas.set('specs.json', whole)
}

function definitionSchema(kind: Kind): Record<string, unknown> {
  const group = ninefoldKinds.some(name => name === kind) ? 'ninefold.dev' : 'openslo'
  const shape = z.strictObject({
    apiVersion: z.literal(`${group}/v1`),
    kind: z.literal(kind),
    metadata: metadataShape,
    spec: specs[kind],
  })
  return z.toJSONSchema(shape, { io: 'input' })
}
