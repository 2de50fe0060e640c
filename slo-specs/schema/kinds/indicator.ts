import { checkShape } from '../check-shape.ts'
import { type Definition, readInline, resolve } from '../definitions.ts'
import type { QueriedIndicator, RatioIndicator } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkMeasured } from './measured.ts'
import { readCounted, readMetric } from './metric-source.ts'
import { type QueriedThreshold, readQuery } from './queried.ts'
import { type QueriedParts, readQueriedRatio } from './queried-ratio.ts'
import { readRaw } from './raw-ratio.ts'
import { sliShape } from './shapes.ts'
import { sourceTypeOf } from './source-type.ts'
import type { ThresholdIndicator } from './threshold.ts'

export type IndicatorRead = RatioIndicator | ThresholdIndicator | QueriedIndicator | QueriedThreshold

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
    : readRaw(sli, ratio, user, context)
}

function readThreshold(
  sli: Definition,
  threshold: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): ThresholdIndicator | QueriedThreshold | undefined {
  const type = sourceTypeOf(threshold, user, context)
  if (type === undefined) return undefined
  if (type !== 'telemetry') {
    const read = readQuery(threshold, type, context)
    if (read === undefined) return undefined
    const { query, source, layerLabels } = read
    return { kind: 'queried-threshold', name: sli.metadata.name, query, source, layerLabels }
  }
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

function readRatio(
  sli: Definition,
  ratio: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): RatioIndicator | QueriedIndicator | undefined {
  const { report } = context
  const [good, bad, total] = ['good', 'bad', 'total'].map(name => ratio.child(name))
  if (total === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'total is missing')
  if (good === undefined && bad === undefined)
    report('SPEC_MISSING_FIELD', ratio.keyPosition, 'good (or bad) is missing')
  if (good !== undefined && bad !== undefined) report('SPEC_WRONG_VALUE', bad.keyPosition, 'give good or bad, not both')
  const part = good ?? bad
  if (total === undefined || part === undefined || (good !== undefined && bad !== undefined)) return undefined
  const types = [sourceTypeOf(total, user, context), sourceTypeOf(part, user, context)] as const
  const [ofTotal, ofPart] = types
  if (ofTotal === undefined || ofPart === undefined) return undefined
  const partIs = good === undefined ? 'bad' : 'good'
  if (ofTotal === 'telemetry' && ofPart === 'telemetry')
    return readEventRatio(sli, { total, part, partIs }, user, context)
  return readQueriedRatio(sli, { ratio, total, part, partIs, types: [ofTotal, ofPart] }, context)
}

function readEventRatio(
  sli: Definition,
  { total, part, partIs }: Pick<QueriedParts, 'total' | 'part' | 'partIs'>,
  user: YamlValue | undefined,
  context: Resolving,
): RatioIndicator | undefined {
  const { report } = context
  const readTotal = readCounted(total, user, context)
  const readPart = readCounted(part, user, context)
  if (readTotal === undefined || readPart === undefined) return undefined
  if (readTotal.signal !== readPart.signal) {
    const message = `${partIs} counts ${readPart.signal}, total counts ${readTotal.signal}`
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
    [partIs]: readPart.filter,
    ...(measured.isApart ? { isApart: true } : {}),
  }
}
