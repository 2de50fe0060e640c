import { checkShape } from '../check-shape.ts'
import { type Definition, readInline, resolve } from '../definitions.ts'
import type { RatioIndicator } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-documents.ts'
import { checkMeasured } from './measured.ts'
import { type MetricRead, readMetric } from './metric-source.ts'
import { sliShape } from './shapes.ts'
import type { ThresholdIndicator } from './threshold.ts'

export type IndicatorRead = RatioIndicator | ThresholdIndicator

/** Does an SLO or an objective say what it counts? */
export function hasIndicator(holder: YamlValue): boolean {
  return holder.child('indicator') !== undefined || holder.child('indicatorRef') !== undefined
}

/** What an SLO (or one of its objectives) counts: its inline indicator, or the SLI that it names. Undefined after reporting what is wrong. */
export function readIndicatorOf(holder: YamlValue, context: Resolving): IndicatorRead | undefined {
  const { report } = context
  const inline = holder.child('indicator')
  const reference = holder.child('indicatorRef')
  if (inline !== undefined && reference !== undefined) {
    report('SPEC_WRONG_VALUE', reference.keyPosition, 'give indicator or indicatorRef, not both')
    return undefined
  }
  if (inline !== undefined) {
    const definition = readInline('SLI', inline, report)
    return definition === undefined ? undefined : readIndicator(definition, inline, context)
  }
  if (reference === undefined) {
    report('SPEC_MISSING_FIELD', holder.keyPosition, 'the SLO has neither indicator nor indicatorRef')
    return undefined
  }
  const name = String(reference.value)
  const definition = resolve({ kind: 'SLI', name, at: reference }, { ...context, fallback: holder })
  return definition === undefined ? undefined : readIndicator(definition, reference, context)
}

/**
 * Reads an SLI; reading the same one for several SLOs reports its problems once, because findings are unique.
 * @param user where an SLO refers to it; undefined when only the SLI itself is checked.
 */
export function readIndicator(
  sli: Definition,
  user: YamlValue | undefined,
  context: Resolving,
): IndicatorRead | undefined {
  const { report } = context
  const shape = checkShape(sliShape, sli.spec, report)
  const threshold = sli.spec.child('thresholdMetric')
  const ratio = sli.spec.child('ratioMetric')
  if (shape === undefined) return undefined
  if (ratio !== undefined && threshold !== undefined) {
    report('SPEC_WRONG_VALUE', threshold.keyPosition, 'give ratioMetric or thresholdMetric, not both')
    return undefined
  }
  if (threshold !== undefined) return readThreshold(sli, threshold, user, context)
  if (ratio === undefined) {
    report('SPEC_MISSING_FIELD', sli.spec.keyPosition, 'ratioMetric (or thresholdMetric) is missing')
    return undefined
  }
  return ratio.child('raw') === undefined && ratio.child('rawType') === undefined
    ? readRatio(sli, ratio, user, context)
    : readRaw(ratio, user, context)
}

function readThreshold(
  sli: Definition,
  threshold: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): ThresholdIndicator | undefined {
  const metric = readMetric(threshold, user, context)
  if (metric === undefined) return undefined
  const { signal, filter, value, at } = metric
  if (value === undefined) {
    const message = 'a thresholdMetric needs value: the field of an event that is compared, e.g. duration'
    context.report('SPEC_MISSING_FIELD', at.position, message)
    return undefined
  }
  if (signal === 'metrics' && checkMeasured(metric, metric, context.report) === undefined) return undefined
  return { kind: 'threshold', name: sli.metadata.name, signal, total: filter, field: value.field }
}

const rawTypes = ['success', 'failure']

/** A ratio that a source delivers ready-made: telemetry events have none. */
function readRaw(ratio: YamlValue, user: YamlValue | undefined, context: Resolving): undefined {
  const { report } = context
  const raw = ratio.child('raw')
  const rawType = ratio.child('rawType')
  for (const name of ['good', 'bad', 'total']) {
    const field = ratio.child(name)
    if (field !== undefined) report('SPEC_WRONG_VALUE', field.keyPosition, `${name} and raw do not go together`)
  }
  if (raw === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'rawType needs raw')
  if (rawType === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'raw needs rawType: success or failure')
  else if (!rawTypes.includes(String(rawType.value))) {
    const message = `rawType is one of ${rawTypes.join(', ')}${suggestion(String(rawType.value), rawTypes)}`
    report('SPEC_WRONG_VALUE', rawType.position, message)
  } else if (raw !== undefined && readMetric(raw, user, context) !== undefined) {
    const message = 'events are no ready-made ratio: count good (or bad) and total ones'
    report('SPEC_UNSUPPORTED', raw.keyPosition, message)
  }
}

function readRatio(
  sli: Definition,
  ratio: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): RatioIndicator | undefined {
  const { report } = context
  const [good, bad, total] = ['good', 'bad', 'total'].map(name => ratio.child(name))
  if (total === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'total is missing')
  if (good === undefined && bad === undefined)
    report('SPEC_MISSING_FIELD', ratio.keyPosition, 'good (or bad) is missing')
  if (good !== undefined && bad !== undefined) report('SPEC_WRONG_VALUE', bad.keyPosition, 'give good or bad, not both')
  const part = good ?? bad
  const readTotal = total && readCounted(total, user, context)
  const readPart = part && readCounted(part, user, context)
  if (readTotal === undefined || readPart === undefined || (good !== undefined && bad !== undefined)) return undefined
  if (readTotal.signal !== readPart.signal) {
    const message = `${good === undefined ? 'bad' : 'good'} counts ${readPart.signal}, total counts ${readTotal.signal}`
    report('SPEC_SIGNAL_MISMATCH', readPart.at.position, message)
    return undefined
  }
  const measured = readTotal.signal === 'metrics' ? checkMeasured(readTotal, readPart, report) : { isApart: false }
  if (measured === undefined) return undefined
  return {
    kind: 'ratio',
    name: sli.metadata.name,
    signal: readTotal.signal,
    total: readTotal.filter,
    ...(good === undefined ? { bad: readPart.filter } : { good: readPart.filter }),
    ...(measured.isApart ? { isApart: true } : {}),
  }
}

/** Events are counted, so a value of theirs would be of no effect. */
function readCounted(metric: YamlValue, user: YamlValue | undefined, context: Resolving): MetricRead | undefined {
  const value = metric.child('metricSource')?.child('spec')?.child('value')
  if (value !== undefined)
    context.report('SPEC_WRONG_VALUE', value.keyPosition, 'value belongs to a thresholdMetric; a ratio counts events')
  return readMetric(metric, user, context)
}
