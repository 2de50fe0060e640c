import { checkShape } from '../check-shape.ts'
import { type Definition, isName } from '../definitions.ts'
import {
  type AlertRule,
  type BudgetingMethod,
  budgetingMethods,
  type Indicator,
  type Slo,
  type TimeSlices,
  type TimeWindow,
} from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { readSloAlerts } from './alerts.ts'
import { readSloOptions, type SloOptions } from './annotations.ts'
import { compositeOf } from './composite.ts'
import { correctionsOf } from './correction.ts'
import { hasIndicator, type IndicatorRead, readIndicatorOf } from './indicator.ts'
import { routedAlerts } from './notification-route.ts'
import { type Objective, readObjectives } from './objective.ts'
import { warnOfUnreachable, warnOfUnresolvable } from './reachable.ts'
import { revisionOf } from './revision.ts'
import { sloShape } from './shapes.ts'
import { judgeThreshold, judgeValues, refuseThreshold } from './threshold.ts'
import { readTimeSlices, refuseTimeSlices } from './time-slices.ts'
import { readTimeWindow } from './time-window.ts'

/** The SLOs that the definitions promise, one an objective, each with a name of its own. */
export function readSlos(definitions: readonly Definition[], context: Resolving): Slo[] {
  const taken = new Map<string, Definition>()
  for (const definition of definitions) taken.set(definition.metadata.name, definition)
  return definitions.flatMap(definition =>
    readSlo(definition, context).filter(({ name }) => {
      const owner = taken.get(name)
      taken.set(name, owner ?? definition)
      if (owner === undefined || owner === definition) return true
      const message = `an objective of ${definition.metadata.name} would be called ${name}, which there is already`
      context.report(
        'SPEC_DUPLICATE_NAME',
        definition.spec.child('objectives')?.keyPosition ?? owner.at.position,
        message,
      )
      return false
    }),
  )
}

/** One SLO definition with everything that it refers to; what is wrong is reported. */
function readSlo(definition: Definition, context: Resolving): Slo[] {
  const { spec, metadata } = definition
  const shape = checkShape(sloShape, spec, context.report)
  if (shape === undefined) return []
  const method = readMethod(definition, shape.budgetingMethod, context)
  checkService(definition, shape.service, context)
  const options = readSloOptions(definition, context)
  const objectives = readObjectives(spec.child('objectives'), context)
  const window = readTimeWindow(spec.child('timeWindow'), context)
  const shared = sharedIndicator(definition, objectives, context)
  if (window === undefined) return []
  const alerts = readSloAlerts(definition, window.seconds, context)
  const routed = routedAlerts(
    alerts.rules,
    { definition: metadata.name, service: shape.service, labels: flatLabels(metadata.labels ?? {}) },
    { routes: context.routes, isDefault: alerts.isDefault },
  )
  const noDataAfter = alerts.ignoresNoData ? 0 : context.standard.noDataAfterSeconds
  const isComposite =
    objectives.length > 1 && objectives.some(({ item }) => item.child('compositeWeight') !== undefined)
  const noDataAfterSeconds = options.noDataAfterSeconds ?? noDataAfter
  const budgetPolicies = context.budgetPolicies.get(metadata.name)
  const ofOtherKinds = {
    ...(budgetPolicies === undefined ? {} : { budgetPolicies }),
    ...(routed.noDataTargets === undefined ? {} : { noDataTargets: routed.noDataTargets }),
  }
  const slos = objectives.flatMap((objective, index): Slo[] => {
    const item = objective.item
    const indicator = judged(hasIndicator(item) ? readIndicatorOf(item, context) : shared, item, context)
    const isCut = method === 'Timeslices' || method === 'RatioTimeslices'
    const timeSlices = isCut ? readTimeSlices(item, { method, window, noData: options.noData }, context) : undefined
    if (method === 'Occurrences') refuseTimeSlices(item, context)
    const name = nameOf(definition, objectives, index, context)
    if (indicator === undefined || method === undefined || name === undefined) return []
    if (isCut && timeSlices === undefined) return []
    // Of a composite the whole alerts; its members are there to be looked at.
    const rules = isComposite ? [] : routed.rules
    warn(name, { objective, rules, window, timeSlices, options }, context)
    const corrections = correctionsOf(metadata.name, indicator, context)
    const slo: Slo = {
      name,
      displayName: displayName(definition, item),
      description: shape.description ?? '',
      service: shape.service,
      labels: flatLabels(metadata.labels ?? {}),
      annotations: { ...metadata.annotations },
      budgetingMethod: method,
      ...(timeSlices === undefined ? {} : { timeSlices }),
      objective: objective.objective,
      objectiveText: objective.objectiveText,
      window,
      indicator,
      alerts: rules,
      layers: options.layers,
      noDataAfterSeconds: isComposite ? 0 : noDataAfterSeconds,
      minValid: options.minValid,
      runbook: options.runbook,
      ...(corrections.length === 0 ? {} : { corrections }),
      ...ofOtherKinds,
      revision: revisionOf(indicator, options.layers, corrections),
      position: objectives.length === 1 ? definition.at.position : item.position,
    }
    return [slo]
  })
  if (!isComposite || slos.length < objectives.length) return slos
  const whole = compositeOf(definition, slos, objectives, { rules: routed.rules, noDataAfterSeconds })
  warnOfUnreachable(whole.slo.name, whole.slo.alerts, whole.objective, context)
  return [...slos, whole.slo]
}

/** What objectives without an indicator of their own count. */
function sharedIndicator(definition: Definition, objectives: readonly Objective[], context: Resolving) {
  const needed = objectives.length === 0 || objectives.some(({ item }) => !hasIndicator(item))
  return hasIndicator(definition.spec) || needed ? readIndicatorOf(definition.spec, context) : undefined
}

function judged(read: IndicatorRead | undefined, item: YamlValue, context: Resolving): Indicator | undefined {
  if (read?.kind === 'threshold') return judgeThreshold(read, item, context)
  if (read?.kind === 'queried-threshold') return judgeValues(read, item, context)
  if (read !== undefined) refuseThreshold(item, context)
  return read
}

/**
 * One objective: the name of its SLO. Several: that name and the objective's own (`displayName` in small letters and hyphens), or its
 * number where it has none.
 */
function nameOf(
  definition: Definition,
  objectives: readonly Objective[],
  index: number,
  { report }: Resolving,
): string | undefined {
  const { name } = definition.metadata
  const item = objectives[index]?.item
  if (objectives.length === 1 || item === undefined) return name
  const own = String(item.child('displayName')?.value ?? index + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const full = `${name}-${own === '' ? index + 1 : own}`
  if (isName('SLO', full)) return full
  report('SPEC_BAD_NAME', item.position, `${full} is longer than a name can be; shorten the objective's displayName`)
  return undefined
}

function displayName({ metadata, spec }: Definition, item: YamlValue): string {
  const name = metadata.displayName ?? metadata.name
  const own = item.child('displayName')?.value
  return spec.child('objectives')?.child(1) === undefined || typeof own !== 'string' ? name : `${name}: ${own}`
}

function readMethod({ spec, at }: Definition, written: string, { report }: Resolving): BudgetingMethod | undefined {
  const method = budgetingMethods.find(name => name === written)
  if (method !== undefined) return method
  const message = `budgetingMethod is one of ${budgetingMethods.join(', ')}${suggestion(written, budgetingMethods)}`
  report('SPEC_WRONG_VALUE', spec.child('budgetingMethod')?.position ?? at.position, message)
  return undefined
}

function checkService({ spec, at }: Definition, service: string, { report, catalogue }: Resolving): void {
  const services = catalogue.get('Service')
  if (services?.has(service) === true) return
  const message = `no Service ${service} is defined${suggestion(service, [...(services?.keys() ?? [])])}`
  report('SPEC_UNDECLARED_SERVICE', spec.child('service')?.position ?? at.position, message)
}

function warn(
  name: string,
  of: {
    readonly objective: Objective
    readonly rules: readonly AlertRule[]
    readonly window: TimeWindow
    readonly timeSlices: TimeSlices | undefined
    readonly options: SloOptions
  },
  context: Resolving,
): void {
  warnOfUnreachable(name, of.rules, of.objective, context)
  warnOfUnresolvable(name, of, context)
}

function flatLabels(labels: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, [value].flat().join(',')]))
}
