import { checkShape } from '../check-shape.ts'
import { type Definition, readInline, resolve } from '../definitions.ts'
import { parseFilter } from '../filter/parse-filter.ts'
import type { Filter, RatioIndicator, Signal } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-documents.ts'
import { dataSourceShape, sliShape, telemetryShape } from './shapes.ts'

/** What an SLO counts: its inline indicator, or the SLI that it names. Undefined after reporting what is wrong. */
export function readSloIndicator(slo: Definition, context: Resolving): RatioIndicator | undefined {
  const { report } = context
  const inline = slo.spec.child('indicator')
  const reference = slo.spec.child('indicatorRef')
  if (inline !== undefined && reference !== undefined) {
    report('SPEC_WRONG_VALUE', reference.keyPosition, 'give indicator or indicatorRef, not both')
    return undefined
  }
  if (inline !== undefined) {
    const definition = readInline('SLI', inline, report)
    return definition === undefined ? undefined : readIndicator(definition, context)
  }
  if (reference === undefined) {
    report('SPEC_MISSING_FIELD', slo.spec.keyPosition, 'the SLO has neither indicator nor indicatorRef')
    return undefined
  }
  const name = String(reference.value)
  const definition = resolve({ kind: 'SLI', name, at: reference }, { ...context, fallback: slo.at })
  return definition === undefined ? undefined : readIndicator(definition, context)
}

/** Reads an SLI; reading the same one for several SLOs reports its problems once, because findings are unique. */
export function readIndicator(sli: Definition, context: Resolving): RatioIndicator | undefined {
  const { report } = context
  const shape = checkShape(sliShape, sli.spec, report)
  const threshold = sli.spec.child('thresholdMetric')
  if (threshold !== undefined) report('SPEC_UNSUPPORTED', threshold.keyPosition, 'thresholdMetric is not supported yet')
  const ratio = sli.spec.child('ratioMetric')
  if (ratio === undefined && threshold === undefined && shape !== undefined)
    report('SPEC_MISSING_FIELD', sli.spec.keyPosition, 'ratioMetric is missing')
  if (shape === undefined || ratio === undefined || threshold !== undefined) return undefined
  for (const name of ['raw', 'rawType']) {
    const field = ratio.child(name)
    if (field !== undefined)
      report('SPEC_UNSUPPORTED', field.keyPosition, `a ratioMetric of ${name} is not supported yet`)
  }
  return readRatio(sli, ratio, context)
}

function readRatio(sli: Definition, ratio: YamlValue, context: Resolving): RatioIndicator | undefined {
  const { report } = context
  const [good, bad, total] = ['good', 'bad', 'total'].map(name => ratio.child(name))
  if (total === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'total is missing')
  if (good === undefined && bad === undefined)
    report('SPEC_MISSING_FIELD', ratio.keyPosition, 'good (or bad) is missing')
  if (good !== undefined && bad !== undefined) report('SPEC_WRONG_VALUE', bad.keyPosition, 'give good or bad, not both')
  const part = good ?? bad
  const readTotal = total && readMetric(total, context)
  const readPart = part && readMetric(part, context)
  if (readTotal === undefined || readPart === undefined || (good !== undefined && bad !== undefined)) return undefined
  if (readTotal.signal !== readPart.signal) {
    const message = `${good === undefined ? 'bad' : 'good'} counts ${readPart.signal}, total counts ${readTotal.signal}`
    report('SPEC_SIGNAL_MISMATCH', readPart.at.position, message)
    return undefined
  }
  return {
    kind: 'ratio',
    name: sli.metadata.name,
    signal: readTotal.signal,
    total: readTotal.filter,
    ...(good === undefined ? { bad: readPart.filter } : { good: readPart.filter }),
  }
}

interface MetricRead {
  readonly signal: Signal
  readonly filter: Filter
  readonly at: YamlValue
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics', 'synthetics', 'events', 'costs']
const judgedSignals: readonly Signal[] = ['traces', 'logs']

/** One `metricSource` of type telemetry: the signal and the filter over it. */
function readMetric(metric: YamlValue, context: Resolving): MetricRead | undefined {
  const { report } = context
  const source = metric.child('metricSource')
  const spec = source?.child('spec')
  if (source === undefined || !isTelemetry(source, context)) return undefined
  if (spec === undefined) {
    report('SPEC_MISSING_FIELD', source.keyPosition, 'spec is missing')
    return undefined
  }
  const shape = checkShape(telemetryShape, spec, report)
  const signalAt = spec.child('signal')
  const filterAt = spec.child('filter')
  if (shape === undefined || signalAt === undefined || filterAt === undefined) return undefined
  const signal = signals.find(name => name === shape.signal)
  if (signal === undefined) {
    const message = `signal is one of ${signals.join(', ')}${suggestion(shape.signal, signals)}`
    report('SPEC_WRONG_VALUE', signalAt.position, message)
    return undefined
  }
  if (!judgedSignals.includes(signal)) {
    report(
      'SPEC_UNSUPPORTED',
      signalAt.position,
      `verdicts on ${signal} are not supported yet, on traces and logs they are`,
    )
    return undefined
  }
  const { filter, problems } = parseFilter(shape.filter, signal)
  for (const { code, offset, message } of problems) report(code, filterAt.positionInText(offset), message)
  return filter === null ? undefined : { signal, filter, at: signalAt }
}

/** Is the type, given here or by the DataSource that is named, one that can be read? */
function isTelemetry(source: YamlValue, context: Resolving): boolean {
  const { report } = context
  const reference = source.child('metricSourceRef')
  const type = source.child('type') ?? dataSourceType(reference, context)
  if (type === undefined) {
    if (reference === undefined) report('SPEC_MISSING_FIELD', source.keyPosition, 'type is missing')
    return false
  }
  if (type.value === 'telemetry') return true
  const message = `metricSource type ${String(type.value)} is not supported yet, telemetry is`
  report('SPEC_UNSUPPORTED', type.position, `${message}${suggestion(String(type.value), ['telemetry'])}`)
  return false
}

function dataSourceType(reference: YamlValue | undefined, context: Resolving): YamlValue | undefined {
  if (reference === undefined) return undefined
  const of = { kind: 'DataSource' as const, name: String(reference.value), at: reference }
  const definition = resolve(of, { ...context, fallback: reference })
  if (definition === undefined || checkShape(dataSourceShape, definition.spec, context.report) === undefined)
    return undefined
  return definition.spec.child('type')
}
