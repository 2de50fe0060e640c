import type { FieldChange } from './diff-slos.ts'
import { fieldText } from './filter/fields.ts'
import { writeFilter } from './filter/write-filter.ts'
import type { Aggregate, Ratio, RatioSide, SpecSet } from './model.ts'

export interface RatioChange {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed'
  /** Of a changed ratio. */
  readonly fields: readonly FieldChange[]
  readonly before?: Ratio
  readonly after?: Ratio
}

const fields: readonly (readonly [field: string, touches: 'counts' | 'words', read: (ratio: Ratio) => string])[] = [
  ['numerator', 'counts', ({ numerator }) => sideText(numerator)],
  ['denominator', 'counts', ({ denominator }) => sideText(denominator)],
  ['layers', 'counts', ({ layers }) => layers.join(', ')],
  ['synthetic events', 'counts', ({ includeSynthetic }) => (includeSynthetic ? 'counted' : 'left out')],
  ['unit', 'words', ({ unit }) => unit],
  ['displayName', 'words', ({ displayName }) => displayName],
  ['description', 'words', ({ description }) => description],
]

/** The ratios that differ between two sets of specs in what they mean, by name; how they are written makes no difference. */
export function diffRatios(before: Pick<SpecSet, 'ratios'>, after: Pick<SpecSet, 'ratios'>): RatioChange[] {
  const [wasNamed, isNamed] = [before, after].map(({ ratios }) => new Map(ratios.map(each => [each.name, each])))
  const names = [...new Set([...before.ratios, ...after.ratios].map(({ name }) => name))].sort()
  return names.flatMap((name): RatioChange[] => {
    const was = wasNamed?.get(name)
    const is = isNamed?.get(name)
    if (was === undefined) return is === undefined ? [] : [{ name, kind: 'added', fields: [], after: is }]
    if (is === undefined) return [{ name, kind: 'removed', fields: [], before: was }]
    const changed = fields
      .map(([field, touches, read]) => ({ field, touches, before: read(was), after: read(is) }))
      .filter(change => change.before !== change.after)
    return changed.length === 0 ? [] : [{ name, kind: 'changed', fields: changed, before: was, after: is }]
  })
}

function sideText({ signal, filter, aggregate }: RatioSide): string {
  return `${aggregateText(aggregate)} of ${signal} where ${writeFilter(filter.expression)}`
}

function aggregateText(aggregate: Aggregate): string {
  switch (aggregate.function) {
    case 'count':
      return 'count'
    case 'quantile':
      return `quantile(${aggregate.level})(${fieldText(aggregate.field)})`
    default:
      return `${aggregate.function}(${fieldText(aggregate.field)})`
  }
}
