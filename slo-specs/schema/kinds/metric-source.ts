import { checkShape } from '../check-shape.ts'
import { type ParsedFilter, parseField, parseFilter } from '../filter/parse-filter.ts'
import { lookAlikeIn } from '../look-alikes.ts'
import type { FieldReference, Filter, Signal, SourcePosition } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { telemetryShape } from './shapes.ts'
import { sourceTypeOf } from './source-type.ts'

export interface MetricRead {
  readonly signal: Signal
  readonly filter: Filter
  /** What of an event a threshold is compared with. */
  readonly value?: { readonly field: FieldReference; readonly text: string }
  readonly at: YamlValue
  readonly filterAt: SourcePosition
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics', 'synthetics', 'events', 'costs']
const judgedSignals: readonly Signal[] = ['traces', 'logs', 'metrics', 'synthetics', 'events']

/**
 * One `metricSource`: the signal and the filter over it.
 * @param user the SLO that counts with it; of a source that nobody uses, a missing adapter is nobody's problem.
 */
export function readMetric(metric: YamlValue, user: YamlValue | undefined, context: Resolving): MetricRead | undefined {
  const { report } = context
  const source = metric.child('metricSource')
  const spec = source?.child('spec')
  if (source === undefined || sourceTypeOf(metric, user, context) !== 'telemetry') return undefined
  if (spec === undefined) {
    report('SPEC_MISSING_FIELD', source.keyPosition, 'spec is missing')
    return undefined
  }
  const shape = checkShape(telemetryShape, spec, report)
  const signalAt = spec.child('signal')
  const filterAt = spec.child('filter')
  if (shape === undefined || signalAt === undefined || filterAt === undefined) return undefined
  const signal = readSignal(signalAt, context)
  if (signal === undefined) return undefined
  const { filter: parsed, problems } = readFilter(shape.filter, signal, context)
  const filter = parsed && { ...parsed, position: filterAt.position }
  const alike = lookAlikeIn(shape.filter)
  if (alike !== undefined) report('SPEC_LOOK_ALIKE', filterAt.positionInText(alike.offset), alike.message)
  for (const { code, offset, message } of problems) report(code, filterAt.positionInText(offset), message)
  const valueAt = spec.child('value')
  if (valueAt === undefined)
    return filter === null ? undefined : { signal, filter, at: signalAt, filterAt: filterAt.position }
  const field = parseField(String(valueAt.value), signal)
  if ('problem' in field) report('SPEC_FILTER_TYPE', valueAt.position, field.problem)
  if (filter === null || 'problem' in field) return undefined
  return { signal, filter, value: { field, text: String(valueAt.value) }, at: signalAt, filterAt: filterAt.position }
}

/** Events are counted, so a value of theirs would be of no effect. */
export function readCounted(
  metric: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): MetricRead | undefined {
  const value = metric.child('metricSource')?.child('spec')?.child('value')
  if (value !== undefined)
    context.report('SPEC_WRONG_VALUE', value.keyPosition, 'value belongs to a thresholdMetric; a ratio counts events')
  return readMetric(metric, user, context)
}

function readFilter(text: string, signal: Signal, { filters, shapes }: Resolving): ParsedFilter {
  const key = `${signal}\0${text}`
  const parsed = filters.get(key) ?? parseFilter(text, signal, shapes)
  filters.set(key, parsed)
  return parsed
}

function readSignal(at: YamlValue, { report }: Resolving): Signal | undefined {
  const written = String(at.value)
  const signal = signals.find(name => name === written)
  if (signal === undefined) {
    report('SPEC_WRONG_VALUE', at.position, `signal is one of ${signals.join(', ')}${suggestion(written, signals)}`)
  } else if (!judgedSignals.includes(signal)) {
    const message = `verdicts on ${signal} are not supported yet; they are on ${judgedSignals.join(', ')}`
    report('SPEC_UNSUPPORTED', at.position, message)
  } else return signal
  return undefined
}
