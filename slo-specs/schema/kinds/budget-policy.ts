import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import type { BudgetPolicy } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import { checkAnnotationNames } from './annotations.ts'
import { items } from './ninefold-parts.ts'
import { budgetPolicyShape } from './ninefold-shapes.ts'

/** The budget policies by the SLO definitions that they name, in the order of their names; what is wrong is reported. */
export function readBudgetPolicies(
  definitions: readonly Definition[],
  context: Pick<Resolving, 'catalogue' | 'report'>,
): ReadonlyMap<string, readonly BudgetPolicy[]> {
  const bySlo = new Map<string, BudgetPolicy[]>()
  for (const definition of [...definitions].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    checkAnnotationNames(definition, context)
    const { spec, metadata } = definition
    const shape = checkShape(budgetPolicyShape, spec, context.report)
    if (shape === undefined) continue
    for (const step of items(spec.child('steps'))) checkTold(step, context)
    const steps = shape.steps.map(({ remaining, action, message = '' }) => ({ remaining, action, message }))
    const known = items(spec.child('slos')).filter(at => {
      return resolve({ kind: 'SLO', name: String(at.value), at }, { ...context, fallback: at }) !== undefined
    })
    for (const slo of new Set(known.map(at => String(at.value))))
      bySlo.set(slo, [...(bySlo.get(slo) ?? []), { name: metadata.name, steps }])
  }
  return bySlo
}

/** A step shows and stops; telling people is what alerts do. */
function checkTold(step: ReturnType<typeof items>[number], context: Pick<Resolving, 'catalogue' | 'report'>): void {
  const told = step.child('notificationTargets')
  if (told === undefined) return
  for (const at of items(told))
    resolve({ kind: 'AlertNotificationTarget', name: String(at.value), at }, { ...context, fallback: at })
  context.report('SPEC_NO_EFFECT', told.keyPosition, 'nobody is told of a step of a budget policy yet')
}
