import type { z } from 'zod'
import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import type { AlertRule } from '../model.ts'
import type { NotificationRoute, Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkAnnotationNames } from './annotations.ts'
import { items } from './ninefold-parts.ts'
import { notificationRouteShape } from './ninefold-shapes.ts'
import { isSendable } from './targets.ts'

type Context = Pick<Resolving, 'catalogue' | 'report' | 'targets'>

/** A route with everything that it refers to; what is wrong is reported. */
export function readRoute(definition: Definition, context: Context): NotificationRoute[] {
  checkAnnotationNames(definition, context)
  const { spec } = definition
  const shape = checkShape(notificationRouteShape, spec, context.report)
  if (shape === undefined) return []
  const match = spec.child('match')
  for (const at of items(match?.child('services'))) checkReference('Service', at, context)
  for (const at of items(match?.child('slos'))) checkReference('SLO', at, context)
  for (const at of items(spec.child('notificationTargets'))) checkTarget(at, context)
  return [{ match: shape.match, targets: shape.notificationTargets }]
}

function checkReference(kind: Definition['kind'], at: YamlValue, context: Context): void {
  resolve({ kind, name: String(at.value), at }, { ...context, fallback: at })
}

/** An alert that nobody sends is a promise that nobody keeps. */
function checkTarget(at: YamlValue, context: Context): void {
  const name = String(at.value)
  checkReference('AlertNotificationTarget', at, context)
  const target = context.targets.get(name)
  if (target !== undefined && !isSendable(target))
    context.report(
      'SPEC_SENDER_MISSING',
      at.position,
      `${name} is told through ${target.kind}, for which there is no sender`,
    )
}

/** What a route looks at. `definition` is the name that the SLO is written under, whatever its objectives are called. */
export interface RoutedSlo {
  readonly definition: string
  readonly service: string
  readonly labels: Readonly<Record<string, string>>
}

type Severity = NonNullable<z.output<typeof notificationRouteShape>['match']['severities']>[number]

/** The targets of all routes that match, each once; undefined when none does. */
function routedTargets(routes: readonly NotificationRoute[], slo: RoutedSlo, severity: Severity): string[] | undefined {
  const matching = routes.filter(({ match: { severities, services, slos, labels } }) => {
    const hasLabels = Object.entries(labels ?? {}).every(([key, value]) => slo.labels[key]?.split(',').includes(value))
    return (
      (severities?.includes(severity) ?? true) &&
      (services?.includes(slo.service) ?? true) &&
      (slos?.includes(slo.definition) ?? true) &&
      hasLabels
    )
  })
  return matching.length === 0 ? undefined : [...new Set(matching.flatMap(({ targets }) => targets))]
}

/**
 * Who is told of an SLO's alerts. Routes that match take the place of the default targets, and are told beside those that a policy names; where none
 * matches, all is as without routes. `noDataTargets` is absent when silence is told to those of the other alerts.
 */
export function routedAlerts(
  rules: readonly AlertRule[],
  slo: RoutedSlo,
  { routes, isDefault }: { readonly routes: readonly NotificationRoute[]; readonly isDefault: boolean },
): { readonly rules: readonly AlertRule[]; readonly noDataTargets?: readonly string[] } {
  if (routes.length === 0) return { rules }
  const told = (own: readonly string[], severity: Severity) => {
    const routed = routedTargets(routes, slo, severity)
    return routed === undefined ? own : [...new Set([...(isDefault ? [] : own), ...routed])]
  }
  const all = [...new Set(rules.flatMap(({ targets }) => targets))]
  return {
    rules: rules.map(rule => ({ ...rule, targets: told(rule.targets, rule.severity) })),
    // Whoever is told of burning by a route is told of silence only if one says so.
    noDataTargets: told(all, 'no-data'),
  }
}
