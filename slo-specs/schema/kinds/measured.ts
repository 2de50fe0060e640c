import type { Report } from '../findings.ts'
import type { FilterExpression } from '../model.ts'
import type { MetricRead } from './metric-source.ts'

/**
 * What counting by metrics asks of the filters: total names its metrics, and only good or bad asks for measured values. Tells whether good
 * (or bad) is another metric than total; undefined after reporting what is wrong.
 */
export function checkMeasured(total: MetricRead, part: MetricRead, report: Report): { isApart: boolean } | undefined {
  const names = metricNames(total.filter.expression)
  if (names === undefined) {
    report('SPEC_METRIC_NAME', total.filterAt, 'the filter names no metric: all metrics would be added up')
    return undefined
  }
  if (asksValue(total.filter.expression)) {
    report('SPEC_METRIC_VALUE', total.filterAt, 'total counts measurements whatever their value')
    return undefined
  }
  const others = metricNames(part.filter.expression)
  const isApart = others !== undefined && !others.some(name => names.includes(name))
  if (isApart && asksValue(part.filter.expression)) {
    const message = `the value of ${others.join(', ')} says nothing of the measurements of ${names.join(', ')}`
    report('SPEC_METRIC_VALUE', part.filterAt, message)
    return undefined
  }
  return { isApart }
}

/** The only metrics that a filter lets pass; undefined when it does not say. */
export function metricNames(filter: FilterExpression): readonly string[] | undefined {
  switch (filter.op) {
    case 'and': {
      const named = filter.operands.flatMap(operand => [metricNames(operand) ?? []].filter(names => names.length > 0))
      return named[0]
    }
    case 'or': {
      const named = filter.operands.map(metricNames)
      return named.every(names => names !== undefined) ? named.flat() : undefined
    }
    case 'compare':
      return isName(filter.field) && filter.comparison === '==' && filter.value.type === 'string'
        ? [filter.value.value]
        : undefined
    case 'in':
      return isName(filter.field)
        ? filter.values.flatMap(value => (value.type === 'string' ? [value.value] : []))
        : undefined
    default:
      return undefined
  }
}

function isName(field: Extract<FilterExpression, { op: 'has' }>['field']): boolean {
  return field.scope === 'intrinsic' && field.name === 'name'
}

/** Does a filter ask for the measured value? */
export function asksValue(filter: FilterExpression): boolean {
  switch (filter.op) {
    case 'literal':
      return false
    case 'not':
      return asksValue(filter.operand)
    case 'and':
    case 'or':
      return filter.operands.some(asksValue)
    default:
      return filter.field.scope === 'intrinsic' && filter.field.name === 'value'
  }
}
