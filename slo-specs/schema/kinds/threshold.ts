import { parseDecimal } from '../decimal.ts'
import { fieldText, intrinsics } from '../filter/fields.ts'
import { writeFilter } from '../filter/write-filter.ts'
import type {
  FieldReference,
  Filter,
  FilterExpression,
  FilterValue,
  QueriedIndicator,
  RatioIndicator,
  Signal,
} from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { type QueriedThreshold, queriedIndicator } from './queried.ts'

/** A thresholdMetric: a value of every event, which an objective's `op` and `value` judge. */
export interface ThresholdIndicator {
  readonly kind: 'threshold'
  readonly name: string
  readonly signal: Signal
  readonly total: Filter
  readonly field: FieldReference
}

const operators = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const
type Operator = keyof typeof operators

/**
 * What an objective makes of a threshold: an event is valid when it has the value, and good when `value op threshold`. Durations are
 * compared in seconds. Undefined after reporting what is wrong.
 */
export function judgeThreshold(
  indicator: ThresholdIndicator,
  item: YamlValue,
  context: Resolving,
): RatioIndicator | undefined {
  const { field, total, name, signal } = indicator
  const judged = readJudgement(item, at => constantOf(field, at), fieldText(field), context)
  if (judged === undefined) return undefined
  const good: FilterExpression = { op: 'compare', comparison: judged.comparison, field, value: judged.value }
  return { kind: 'ratio', name, signal, total: withValue(total, field), good: written(good) }
}

/** The same for values that a query gives. */
export function judgeValues(
  indicator: QueriedThreshold,
  item: YamlValue,
  context: Resolving,
): QueriedIndicator | undefined {
  const number = (at: YamlValue) => (parseDecimal(at.source ?? '') === undefined ? undefined : Number(at.source))
  const judged = readJudgement(item, number, 'a query', context)
  if (judged === undefined) return undefined
  const meaning = { ...judged, kind: 'threshold', query: indicator.query } as const
  return queriedIndicator({ ...indicator, meaning })
}

/** `op` and `value` of an objective. */
function readJudgement<T>(
  item: YamlValue,
  read: (at: YamlValue) => T | undefined,
  of: string,
  { report }: Resolving,
): { readonly comparison: (typeof operators)[Operator]; readonly value: T } | undefined {
  const opAt = item.child('op')
  const valueAt = item.child('value')
  if (opAt === undefined) report('SPEC_MISSING_FIELD', item.position, 'an objective over a thresholdMetric needs op')
  if (valueAt === undefined)
    report('SPEC_MISSING_FIELD', item.position, 'an objective over a thresholdMetric needs value')
  if (opAt === undefined || valueAt === undefined) return undefined
  const names = Object.keys(operators) as Operator[]
  const op = names.find(candidate => candidate === opAt.value)
  if (op === undefined) {
    const message = `op is one of ${names.join(', ')}${suggestion(String(opAt.value), names)}`
    report('SPEC_WRONG_VALUE', opAt.position, message)
    return undefined
  }
  const value = read(valueAt)
  if (value === undefined) {
    report('SPEC_WRONG_VALUE', valueAt.position, `${valueAt.source ?? ''} is no value of ${of}`)
    return undefined
  }
  return { comparison: operators[op], value }
}

/** Objectives over a ratio judge nothing by `op` and `value`, though `op: gt` says what is so anyway: the more good, the better. */
export function refuseThreshold(item: YamlValue, { report }: Resolving): void {
  const value = item.child('value')
  if (value !== undefined)
    report('SPEC_WRONG_VALUE', value.keyPosition, 'value belongs to objectives over a thresholdMetric')
  const op = item.child('op')
  if (op !== undefined && op.value !== 'gt' && op.value !== 'gte')
    report('SPEC_WRONG_VALUE', op.position, 'op over a ratioMetric is gt or gte: its target is a share of good events')
}

function withValue(total: Filter, field: FieldReference): Filter {
  if (field.scope === 'intrinsic') return total
  const { expression } = total
  const has: FilterExpression = { op: 'has', field }
  const isEverything = expression.op === 'literal'
  return written(isEverything ? has : { op: 'and', operands: [expression, has] })
}

const written = (expression: FilterExpression): Filter => ({ text: writeFilter(expression), expression })

function constantOf(field: FieldReference, at: YamlValue): FilterValue | undefined {
  const decimal = parseDecimal(at.source ?? '')
  if (decimal === undefined) return undefined
  if (field.scope !== 'intrinsic' || !intrinsics[field.name].types.includes('duration')) {
    const value = Number(at.source)
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? { type: 'number', value } : undefined
  }
  const nanoseconds = decimal.numerator * 1_000_000_000n
  if (decimal.numerator < 0n || nanoseconds % decimal.denominator !== 0n) return undefined
  const value = nanoseconds / decimal.denominator
  return value < 2n ** 63n ? { type: 'duration', value } : undefined
}
