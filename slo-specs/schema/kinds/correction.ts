import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import type { Correction, CorrectionTimes, Filter, Indicator } from '../model.ts'
import { recurringTimes, timesOnce } from '../recurrence.ts'
import type { CorrectionRead, Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkAnnotationNames } from './annotations.ts'
import { readTimeZone } from './calendar.ts'
import { checkEither, items, readFilterOver } from './ninefold-parts.ts'
import { correctionShape } from './ninefold-shapes.ts'
import { readDuration } from './time-window.ts'

/** The corrections by the SLO definitions that they name; what is wrong is reported. */
export function readCorrections(
  definitions: readonly Definition[],
  context: Omit<Resolving, 'corrections'>,
): ReadonlyMap<string, readonly CorrectionRead[]> {
  const bySlo = new Map<string, CorrectionRead[]>()
  for (const definition of [...definitions].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const { slos, read } = readCorrection(definition, context)
    if (read === undefined) continue
    for (const slo of slos) bySlo.set(slo, [...(bySlo.get(slo) ?? []), read])
  }
  return bySlo
}

function readCorrection(definition: Definition, context: Omit<Resolving, 'corrections'>) {
  checkAnnotationNames(definition, context)
  const { spec, metadata } = definition
  const shape = checkShape(correctionShape, spec, context.report)
  const named = items(spec.child('slos')).filter(at => {
    const name = String(at.value)
    return shape !== undefined && resolve({ kind: 'SLO', name, at }, { ...context, fallback: at }) !== undefined
  })
  const slos = new Set(named.map(at => String(at.value)))
  const times = shape === undefined ? undefined : readTimes(spec, context)
  if (shape === undefined || times === undefined) return { slos, read: undefined }
  const { description = '', reason, approver } = shape
  const correction = { name: metadata.name, description, reason, approver, times }
  return { slos, read: { correction, predicateAt: spec.child('predicate') } }
}

/** A correction says once when it holds: in one range of time, or again and again. */
function readTimes(spec: YamlValue, context: Pick<Resolving, 'report'>): CorrectionTimes | undefined {
  const range = spec.child('timeRange')
  const recurrence = spec.child('recurrence')
  checkEither(spec, ['timeRange', 'recurrence'], context)
  if (recurrence !== undefined) return range === undefined ? readRecurrence(recurrence, context) : undefined
  const [from, to] = [range?.child('from'), range?.child('to')]
  if (from === undefined || to === undefined) return undefined
  const span = { fromMs: Date.parse(String(from.value)), toMs: Date.parse(String(to.value)) }
  if (span.toMs > span.fromMs) return timesOnce(span)
  context.report('SPEC_WRONG_VALUE', to.position, 'the time range ends before it begins')
  return undefined
}

/** Rules are counted from their beginning on. */
const earliestStartMs = Date.UTC(2000, 0, 1)

function readRecurrence(at: YamlValue, context: Pick<Resolving, 'report'>): CorrectionTimes | undefined {
  const timeZone = readTimeZone(at, context)
  const durationSeconds = readDuration(at.child('duration'), context)
  const rule = at.child('rule')
  const startMs = Date.parse(String(at.child('startTime')?.value))
  if (timeZone === undefined || durationSeconds === undefined || rule === undefined) return undefined
  if (durationSeconds === 0) {
    context.report(
      'SPEC_DURATION',
      at.child('duration')?.position ?? at.position,
      'a correction of 0 s leaves nothing out',
    )
    return undefined
  }
  if (!(startMs >= earliestStartMs)) {
    context.report('SPEC_WRONG_VALUE', at.child('startTime')?.position ?? at.position, 'startTime is not before 2000')
    return undefined
  }
  const times = recurringTimes({ rule: String(rule.value), startMs, durationSeconds, timeZone })
  if (!('problem' in times)) return times
  context.report('SPEC_RECURRENCE', rule.position, times.problem)
  return undefined
}

/** The corrections of an SLO definition for what one of its objectives counts. */
export function correctionsOf(slo: string, indicator: Indicator, context: Resolving): Correction[] {
  return (context.corrections.get(slo) ?? []).flatMap(({ correction, predicateAt }) => {
    if (predicateAt === undefined) return [correction]
    const predicate = readPredicate(slo, predicateAt, indicator, context)
    return predicate === undefined ? [] : [{ ...correction, predicate }]
  })
}

/** What is counted by the minute elsewhere, or as the difference of two points, has no events that a filter could choose from. */
function readPredicate(slo: string, at: YamlValue, indicator: Indicator, context: Resolving): Filter | undefined {
  const refuse = (message: string) => {
    context.report('SPEC_CORRECTION_PREDICATE', at.keyPosition, message)
    return undefined
  }
  if (indicator.kind === 'queried')
    return refuse(
      `${slo} is counted by ${indicator.source.type} minute by minute, of which no predicate can leave out a part`,
    )
  if (indicator.kind === 'composite') return undefined
  if (indicator.signal === 'metrics')
    return refuse(`${slo} counts metrics, whose points are no events: only whole minutes can be left out`)
  const signal = at.child('signal')?.value
  if (signal !== undefined && signal !== indicator.signal)
    return refuse(`the predicate asks ${String(signal)}, but ${slo} counts ${indicator.signal}`)
  const filter = at.child('filter')
  return filter && readFilterOver(filter, indicator.signal, context)
}
