import { isDeepStrictEqual } from 'node:util'
import { formatDuration } from '../../../lib/durations.ts'
import { ladderRules } from '../kinds/burn-conditions.ts'
import type { Ladder } from '../ladder.ts'
import { layerNames } from '../layers.ts'
import type { AlertRule, BurnCondition, CompositeIndicator, Indicator, Slo, SpecSet } from '../model.ts'
import { asName, type ConversionNote, otherKindsOf, type PlainDefinition } from './conversion.ts'
import { dataSourcesOf, judgementOf, sliSpecOf } from './export-indicator.ts'

interface Exporting {
  readonly standard: Ladder
  readonly note: (message: string) => void
}

/**
 * A set of specs as OpenSLO v1 without references: a Service, an SLO with its indicator and alert policies in place, the targets that they tell.
 * Reading it again gives the same SLOs, but for what is told of in the notes.
 */
export function exportOpenSlo(
  { services, slos, targets }: SpecSet,
  standard: Ladder,
): { readonly definitions: readonly PlainDefinition[]; readonly notes: readonly ConversionNote[] } {
  const notes: ConversionNote[] = []
  const definition = (kind: string, metadata: PlainDefinition['metadata'], spec: PlainDefinition['spec']) => ({
    apiVersion: 'openslo/v1',
    kind,
    metadata,
    spec,
  })
  const standardSlo = slos.find(slo => isStandard(slo, standard))
  const defaults = standardSlo?.alerts.flatMap(rule => rule.targets) ?? []
  return {
    definitions: [
      ...services.map(({ name, displayName, description }) =>
        definition('Service', named(name, displayName), description === '' ? {} : { description }),
      ),
      ...dataSourcesOf(slos).map(({ name, spec }) => definition('DataSource', { name }, spec)),
      ...targets.map(({ name, displayName, kind }) => {
        const isMarked = defaults.length < targets.length && defaults.includes(name)
        const annotations = isMarked ? { annotations: { 'ninefold.dev/default': 'true' } } : {}
        return definition('AlertNotificationTarget', { ...named(name, displayName), ...annotations }, { target: kind })
      }),
      ...slos.flatMap(slo => {
        const note = (message: string) => void notes.push({ ...slo.position, message: `${slo.name}: ${message}` })
        const { indicator } = slo
        otherKindsOf(slo).forEach(note)
        if (indicator.kind !== 'composite')
          return [definition('SLO', metadataOf(slo), specOf({ ...slo, indicator }, { standard, note }))]
        note('the composite is left out; its members are SLOs of their own')
        return []
      }),
    ],
    notes,
  }
}

type CountedSlo = Slo & { readonly indicator: Exclude<Indicator, CompositeIndicator> }

function named(name: string, displayName: string) {
  return { name, ...(displayName === name ? {} : { displayName }) }
}

/** Options that no field of OpenSLO has are annotations, which other tools leave alone. */
function metadataOf({ name, displayName, labels, annotations }: Slo) {
  return {
    ...named(name, displayName),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

function specOf(slo: CountedSlo, context: Exporting): PlainDefinition['spec'] {
  const { indicator, window, timeSlices, objectiveText, description, service, budgetingMethod } = slo
  if (slo.layers.length < layerNames.length && slo.annotations['ninefold.dev/layers'] === undefined)
    context.note('its layers are left out')
  const { calendar } = window
  return {
    ...(description === '' ? {} : { description }),
    service,
    indicator: { metadata: { name: indicator.name }, spec: sliSpecOf(indicator) },
    timeWindow: [
      calendar === undefined
        ? { duration: window.text, isRolling: true }
        : { duration: window.text, calendar: { startTime: calendar.startTime, timeZone: calendar.timeZone } },
    ],
    budgetingMethod,
    objectives: [
      {
        target: Number(objectiveText),
        ...judgementOf(slo),
        ...(timeSlices?.targetText === undefined ? {} : { timeSliceTarget: Number(timeSlices.targetText) }),
        ...(timeSlices === undefined ? {} : { timeSliceWindow: formatDuration(timeSlices.seconds) }),
      },
    ],
    ...policiesOf(slo, context),
  }
}

/** The standard ladder is what an SLO without policies has here; elsewhere it has none then. */
function policiesOf(slo: Slo, { standard, note }: Exporting) {
  const { alerts } = slo
  if (isStandard(slo, standard)) {
    note('its alerts are the standard ladder, which OpenSLO has no words for; other tools see none')
    return {}
  }
  if (alerts.some(({ conditions }) => conditions.some(({ shortWindowSeconds }) => shortWindowSeconds !== undefined)))
    note('of its alerts the short windows and the least coverage are left out')
  return { alertPolicies: alerts.flatMap(rule => rule.conditions.map(condition => policyOf(slo, rule, condition))) }
}

function isStandard({ alerts, window }: Slo, standard: Ladder): boolean {
  return isDeepStrictEqual(shapeOf(alerts), shapeOf(ladderRules(standard, window.seconds, [])))
}

const shapeOf = (rules: readonly AlertRule[]) => rules.map(({ targets: _, ...rule }) => rule)

function policyOf({ name, noDataAfterSeconds }: Slo, rule: AlertRule, condition: BurnCondition) {
  return {
    kind: 'AlertPolicy',
    metadata: { name: asName(`${name}-${condition.name}`) ?? condition.name },
    spec: {
      ...(rule.tellsResolved === false ? { alertWhenResolved: false } : {}),
      ...(noDataAfterSeconds === 0 ? { alertWhenNoData: false } : {}),
      conditions: [
        {
          kind: 'AlertCondition',
          metadata: { name: condition.name },
          spec: {
            severity: rule.severity,
            condition: {
              kind: 'burnrate',
              op: condition.op,
              threshold: condition.threshold,
              lookbackWindow: formatDuration(condition.longWindowSeconds),
              alertAfter: formatDuration(rule.alertAfterSeconds),
            },
          },
        },
      ],
      notificationTargets: rule.targets.map(targetRef => ({ targetRef })),
    },
  }
}
