import type { Definition } from '../definitions.ts'
import type { QueriedIndicator } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { queriedIndicator, readQuery } from './queried.ts'
import type { SourceType } from './source-type.ts'

/** The sides of a ratio as they are written, with the types of their sources. */
export interface QueriedParts {
  readonly ratio: YamlValue
  readonly total: YamlValue
  readonly part: YamlValue
  readonly partIs: 'good' | 'bad'
  readonly types: readonly [total: SourceType, part: SourceType]
}

/** Good (or bad) and total, each by a query of its own to the same source. */
export function readQueriedRatio(sli: Definition, of: QueriedParts, context: Resolving): QueriedIndicator | undefined {
  const { ratio, total, part, partIs, types } = of
  if (types[0] !== types[1]) {
    const message = `${partIs} is counted by ${types[1]}, total by ${types[0]}`
    context.report('SPEC_SIGNAL_MISMATCH', part.keyPosition, message)
    return undefined
  }
  const [readTotal, readPart] = [readQuery(total, types[0], context), readQuery(part, types[1], context)]
  if (readTotal === undefined || readPart === undefined) return undefined
  if (JSON.stringify(readTotal.source) !== JSON.stringify(readPart.source)) {
    context.report('SPEC_SIGNAL_MISMATCH', part.keyPosition, `${partIs} and total are asked of different data sources`)
    return undefined
  }
  const isCounter = ratio.child('counter')?.value === true
  if (isCounter && types[0] === 'clickhouse') {
    const message = 'counter: a ClickHouse query gives the counts of each minute, not counters'
    context.report('SPEC_WRONG_VALUE', ratio.child('counter')?.keyPosition ?? ratio.position, message)
    return undefined
  }
  const meaning = { kind: 'counts', total: readTotal.query, part: readPart.query, partIs, isCounter } as const
  return queriedIndicator({ ...readTotal, name: sli.metadata.name, meaning })
}
