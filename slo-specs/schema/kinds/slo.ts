import { createHash } from 'node:crypto'
import { checkShape } from '../check-shape.ts'
import type { Definition } from '../definitions.ts'
import type { AlertRule, RatioIndicator, Slo } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import { readSloAlerts } from './alerts.ts'
import { readSloOptions } from './annotations.ts'
import { readSloIndicator } from './indicator.ts'
import { type Objective, readObjective } from './objective.ts'
import { sloShape } from './shapes.ts'
import { readTimeWindow } from './time-window.ts'

/** One SLO with everything that it refers to; undefined after reporting every problem. */
export function readSlo(definition: Definition, context: Resolving): Slo | undefined {
  const { spec, metadata } = definition
  const shape = checkShape(sloShape, spec, context.report)
  if (shape === undefined) return undefined
  const methodIsGood = checkMethod(definition, shape.budgetingMethod, context)
  checkService(definition, shape.service, context)
  const options = readSloOptions(definition, context)
  const objective = readObjective(spec.child('objectives'), context)
  const window = readTimeWindow(spec.child('timeWindow'), context)
  const indicator = readSloIndicator(definition, context)
  if (window === undefined) return undefined
  const alerts = readSloAlerts(definition, window.seconds, context)
  if (objective === undefined || indicator === undefined || !methodIsGood) return undefined
  warnOfUnreachable(metadata.name, alerts.rules, objective, context)
  const noDataAfter = alerts.ignoresNoData ? 0 : context.standard.noDataAfterSeconds
  return {
    name: metadata.name,
    displayName: metadata.displayName ?? metadata.name,
    description: shape.description ?? '',
    service: shape.service,
    labels: flatLabels(metadata.labels ?? {}),
    annotations: { ...metadata.annotations },
    budgetingMethod: 'Occurrences',
    objective: objective.objective,
    objectiveText: objective.objectiveText,
    window,
    indicator,
    alerts: alerts.rules,
    layers: options.layers,
    noDataAfterSeconds: options.noDataAfterSeconds ?? noDataAfter,
    minValid: options.minValid,
    runbook: options.runbook,
    revision: revisionOf(indicator, options.layers),
    position: definition.at.position,
  }
}

const laterMethods = ['Timeslices', 'RatioTimeslices']

function checkMethod({ spec, at }: Definition, method: string, { report }: Resolving): boolean {
  if (method === 'Occurrences') return true
  const position = spec.child('budgetingMethod')?.position ?? at.position
  if (laterMethods.includes(method))
    report('SPEC_UNSUPPORTED', position, `budgetingMethod ${method} is not supported yet, Occurrences is`)
  else {
    const words = ['Occurrences', ...laterMethods]
    report('SPEC_WRONG_VALUE', position, `budgetingMethod is one of ${words.join(', ')}${suggestion(method, words)}`)
  }
  return false
}

function checkService({ spec, at }: Definition, service: string, { report, catalogue }: Resolving): void {
  const names = [...(catalogue.get('Service')?.keys() ?? [])]
  if (names.includes(service)) return
  const message = `no Service ${service} is defined${suggestion(service, names)}`
  report('SPEC_UNDECLARED_SERVICE', spec.child('service')?.position ?? at.position, message)
}

/** Even a total outage burns at only 1/(1 − T): a factor at or above that never fires. */
function warnOfUnreachable(name: string, rules: readonly AlertRule[], of: Objective, { report }: Resolving): void {
  const { numerator, denominator } = of.decimal
  const highest = Number(denominator) / Number(denominator - numerator)
  for (const { conditions } of rules) {
    for (const { name: condition, threshold, op } of conditions) {
      if (threshold < highest || op === 'lt' || op === 'lte') continue
      const useful = Math.floor(highest * 1000) / 1000
      const message = `${name} never reaches the burn rate ${threshold} of ${condition}: at ${of.objectiveText} useful factors are below ${useful}`
      report('SPEC_UNREACHABLE_BURN', of.at.position, message)
    }
  }
}

function flatLabels(labels: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, [value].flat().join(',')]))
}

/** Changes when, and only when, the counts change: neither layout of a filter nor objective, window or alerts are in it. */
function revisionOf({ signal, total, good, bad }: RatioIndicator, layers: readonly string[]): string {
  const counted = { format: 1, signal, total: total.expression, good: good?.expression, bad: bad?.expression, layers }
  const text = JSON.stringify(counted, (_key, value) => (typeof value === 'bigint' ? `${value}ns` : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
