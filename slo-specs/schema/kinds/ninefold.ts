import type { z } from 'zod'
import { type NinefoldKind, ninefoldKinds } from '../api-version.ts'
import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkAnnotationNames } from './annotations.ts'
import { ladderShape } from './ladder-shape.ts'
import { checkEither, checkFilter, checkSide, checkUnique, items } from './ninefold-parts.ts'
import {
  budgetPolicyShape,
  correctionShape,
  journeyShape,
  notificationRouteShape,
  ratioShape,
  resourceShape,
  syntheticTransactionShape,
} from './ninefold-shapes.ts'

/** The shape of each kind's spec. */
export const ninefoldShapes: Readonly<Record<NinefoldKind, z.ZodType>> = {
  Ratio: ratioShape,
  SyntheticTransaction: syntheticTransactionShape,
  Correction: correctionShape,
  BurnLadder: ladderShape,
  BudgetPolicy: budgetPolicyShape,
  Journey: journeyShape,
  Resource: resourceShape,
  NotificationRoute: notificationRouteShape,
}

type Check = (spec: YamlValue, context: Resolving) => void

/** Kinds that are read for what they do, each by a reader of its own. */
const kindsInForce = [
  'BurnLadder',
  'Correction',
  'BudgetPolicy',
  'NotificationRoute',
  'Ratio',
  'SyntheticTransaction',
] as const
type WithoutEffect = Exclude<NinefoldKind, (typeof kindsInForce)[number]>
export const kindsWithoutEffect = ninefoldKinds.filter(
  (kind): kind is WithoutEffect => !kindsInForce.some(name => name === kind),
)

/** What no shape can tell: filters, references, values that belong together. */
const checks: Readonly<Record<WithoutEffect, Check>> = {
  Journey: (spec, context) => {
    checkReference('Service', spec.child('service'), context)
    checkUnique(spec.child('steps'), context)
    for (const step of items(spec.child('steps'))) checkFilter(step.child('filter'), 'traces', context)
  },
  Resource: (spec, context) => {
    checkReference('Service', spec.child('service'), context)
    for (const name of ['used', 'measuredCapacity']) checkSide(spec.child(name), context)
    checkEither(spec, ['capacity', 'measuredCapacity'], context)
  },
}

/** Checks a definition whole, and says that it has no effect yet. */
export function checkNinefold(kind: WithoutEffect, definition: Definition, context: Resolving): void {
  checkAnnotationNames(definition, context)
  context.report(
    'SPEC_NO_EFFECT',
    definition.at.child('kind')?.position ?? definition.at.position,
    `${kind} ${definition.metadata.name} is checked but has no effect yet`,
  )
  if (checkShape(ninefoldShapes[kind], definition.spec, context.report) === undefined) return
  checks[kind](definition.spec, context)
}

function checkReference(kind: Definition['kind'], at: YamlValue | undefined, context: Resolving): void {
  if (at !== undefined) resolve({ kind, name: String(at.value), at }, { ...context, fallback: at })
}
