import { checkShape } from '../check-shape.ts'
import { type Definition, readInline, resolve } from '../definitions.ts'
import type { AlertRule, BurnCondition } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { annotationOf, checkAnnotationNames } from './annotations.ts'
import { ladderRules, mergeRules, ruleOf } from './burn-conditions.ts'
import { readSeverity } from './severities.ts'
import { alertConditionShape, alertPolicyReference, alertPolicyShape, conditionReference } from './shapes.ts'
import { isSendable, readTargetList } from './targets.ts'
import { readDuration } from './time-window.ts'

export interface SloAlerts {
  readonly rules: readonly AlertRule[]
  /** Every policy says `alertWhenNoData: false`. */
  readonly ignoresNoData: boolean
  /** Without policies, so that those are told who are told of everything. */
  readonly isDefault: boolean
}

interface PolicyRead {
  readonly rules: readonly AlertRule[]
  readonly alertWhenNoData: boolean
}

/**
 * The alerts of an SLO: the standard ladder when it has no `alertPolicies`, none when the list is empty, otherwise what the
 * policies say, as written.
 */
export function readSloAlerts(slo: Definition, windowSeconds: number, context: Resolving): SloAlerts {
  const list = slo.spec.child('alertPolicies')
  if (list === undefined) {
    const rules = ladderRules(context.standard, windowSeconds, context.defaultTargets)
    return { rules, ignoresNoData: false, isDefault: true }
  }
  const items = Array.isArray(list.value) ? list.value.map((_, index) => list.child(index)) : []
  const policies = items.flatMap(item => {
    const definition = item && findPolicy(item, context)
    const policy = definition && readPolicy(definition, windowSeconds, context)
    return policy === undefined ? [] : [{ policy, at: item }]
  })
  refuseDifferentWaits(policies, context)
  for (const { policy, at } of policies) refuseUnsendable(slo, policy, at, context)
  return {
    rules: mergeRules(policies.flatMap(({ policy }) => policy.rules)),
    ignoresNoData: policies.length > 0 && policies.every(({ policy }) => !policy.alertWhenNoData),
    isDefault: false,
  }
}

/** Whom an SLO tells must be reachable: an alert that nobody sends is a promise that nobody keeps. */
function refuseUnsendable(slo: Definition, { rules }: PolicyRead, at: YamlValue | undefined, context: Resolving): void {
  for (const name of new Set(rules.flatMap(({ targets }) => targets))) {
    const target = context.targets.get(name)
    if (target === undefined || isSendable(target)) continue
    const message = `alerts of ${slo.metadata.name} go to ${name} through ${target.kind}, for which there is no sender`
    context.report('SPEC_SENDER_MISSING', at?.position ?? slo.at.position, message)
  }
}

/** A policy by name, by `{alertPolicyRef}`, or defined in place. */
function findPolicy(item: YamlValue, context: Resolving): Definition | undefined {
  const { report } = context
  if (typeof item.value === 'string')
    return resolve({ kind: 'AlertPolicy', name: item.value, at: item }, { ...context, fallback: item })
  const reference = item.child('alertPolicyRef')
  if (reference === undefined) return readInline('AlertPolicy', item, report)
  const shape = checkShape(alertPolicyReference, item, report)
  if (shape === undefined) return undefined
  return resolve({ kind: 'AlertPolicy', name: shape.alertPolicyRef, at: reference }, { ...context, fallback: item })
}

/** The rules of a policy for an SLO window; undefined after reporting what is wrong. */
export function readPolicy(policy: Definition, windowSeconds: number, context: Resolving): PolicyRead | undefined {
  const { report, ladders } = context
  checkAnnotationNames(policy, context)
  const shape = checkShape(alertPolicyShape, policy.spec, report)
  if (shape === undefined) return undefined
  const targets = readTargetList(policy.spec.child('notificationTargets'), context)
  const alertWhenNoData = shape.alertWhenNoData ?? true
  const read = (rules: readonly AlertRule[]): PolicyRead => ({
    // Who does not want to hear of a breach has no burn alerts, perhaps only the one of silence.
    rules: shape.alertWhenBreaching === false ? [] : rules.map(rule => withEnding(rule, shape.alertWhenResolved)),
    alertWhenNoData,
  })
  const ladderName = annotationOf(policy, 'ladder')
  if (ladderName !== undefined) {
    const ladder = ladders.get(ladderName)
    if (ladder !== undefined) return read(ladderRules(ladder, windowSeconds, targets))
    // One that is defined but wrong has been told of where it is.
    if (context.catalogue.get('BurnLadder')?.has(ladderName)) return undefined
    const at = policy.at.child('metadata')?.child('annotations')?.child('ninefold.dev/ladder') ?? policy.at
    const message = `there is no ladder ${ladderName}${suggestion(ladderName, [...ladders.keys()])}`
    report('SPEC_MISSING_REFERENCE', at.position, message)
    return undefined
  }
  const rule = readOnlyCondition(policy, targets, context)
  return rule === undefined ? undefined : read([rule])
}

function withEnding(rule: AlertRule, alertWhenResolved: boolean | undefined): AlertRule {
  return alertWhenResolved === false ? { ...rule, tellsResolved: false } : rule
}

/** OpenSLO allows exactly one condition in a policy. */
function readOnlyCondition(policy: Definition, targets: readonly string[], context: Resolving): AlertRule | undefined {
  const { report } = context
  const list = policy.spec.child('conditions')
  const first = list?.child(0)
  if (list === undefined || first === undefined) {
    const position = list?.keyPosition ?? policy.spec.keyPosition
    report('SPEC_MISSING_FIELD', position, 'conditions has no entry, and no ninefold.dev/ladder is named')
    return undefined
  }
  const second = list.child(1)
  if (second !== undefined)
    report('SPEC_UNSUPPORTED', second.position, 'OpenSLO has one condition in a policy; give the SLO several policies')
  const definition = findCondition(first, context)
  return definition && readCondition(definition, targets, context)
}

function findCondition(item: YamlValue, context: Resolving): Definition | undefined {
  const { report } = context
  if (typeof item.value === 'string')
    return resolve({ kind: 'AlertCondition', name: item.value, at: item }, { ...context, fallback: item })
  const reference = item.child('conditionRef')
  if (reference === undefined) return readInline('AlertCondition', item, report)
  const shape = checkShape(conditionReference, item, report)
  if (shape === undefined) return undefined
  return resolve({ kind: 'AlertCondition', name: shape.conditionRef, at: reference }, { ...context, fallback: item })
}

const operators: readonly BurnCondition['op'][] = ['gt', 'gte', 'lt', 'lte']

/** An AlertCondition as written: `op`, `threshold`, `lookbackWindow`, `alertAfter`; the rest as the standard ladder has it. */
export function readCondition(
  definition: Definition,
  targets: readonly string[],
  context: Resolving,
): AlertRule | undefined {
  const { report, standard } = context
  checkAnnotationNames(definition, context)
  const shape = checkShape(alertConditionShape, definition.spec, report)
  const at = definition.spec.child('condition')
  if (shape === undefined || at === undefined) return undefined
  const { condition } = shape
  const severity = readSeverity(shape.severity, definition.spec.child('severity') ?? at, context)
  const op = operators.find(name => name === (condition.op ?? 'gte'))
  const isBurnRate = condition.kind === undefined || condition.kind === 'burnrate'
  const refuse = (field: YamlValue | undefined, message: string) =>
    report('SPEC_WRONG_VALUE', field?.position ?? at.position, message)
  if (!isBurnRate) refuse(at.child('kind'), 'the kind of a condition is burnrate')
  if (op === undefined) refuse(at.child('op'), `op is one of ${operators.join(', ')}`)
  const usable = Number.isFinite(condition.threshold) && condition.threshold >= 0
  if (!usable) refuse(at.child('threshold'), 'threshold is a burn rate: a number from 0 up')
  const lookBack = wholeMinutes(at.child('lookbackWindow'), 1, context)
  const alertAfter = condition.alertAfter === undefined ? 0 : wholeMinutes(at.child('alertAfter'), 0, context)
  if (severity === undefined || op === undefined || !usable || !isBurnRate) return undefined
  if (lookBack === undefined || alertAfter === undefined) return undefined
  return {
    ...ruleOf(standard, severity, targets),
    alertAfterSeconds: alertAfter,
    conditions: [
      {
        name: definition.metadata.name,
        op,
        threshold: condition.threshold,
        longWindowSeconds: lookBack,
        minCoverage: severity.minCoverage,
      },
    ],
  }
}

function wholeMinutes(at: YamlValue | undefined, least: number, context: Resolving): number | undefined {
  const seconds = readDuration(at, context)
  if (at === undefined || seconds === undefined) return undefined
  if (seconds % 60 === 0 && seconds >= least * 60) return seconds
  context.report('SPEC_DURATION', at.position, `${String(at.value)} is not ${least} or more whole minutes`)
  return undefined
}

/** One severity is one alert with one pending time. */
function refuseDifferentWaits(
  policies: readonly { readonly policy: PolicyRead; readonly at: YamlValue | undefined }[],
  { report }: Resolving,
): void {
  const waits = new Map<string, number>()
  for (const { policy, at } of policies) {
    for (const { severity, alertAfterSeconds } of policy.rules) {
      const before = waits.get(severity)
      if (before !== undefined && before !== alertAfterSeconds && at !== undefined)
        report(
          'SPEC_UNSUPPORTED',
          at.position,
          `conditions of severity ${severity} with different alertAfter are not supported yet`,
        )
      waits.set(severity, before ?? alertAfterSeconds)
    }
  }
}
