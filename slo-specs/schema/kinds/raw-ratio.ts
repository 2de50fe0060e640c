import type { Definition } from '../definitions.ts'
import type { QueriedIndicator, RatioIndicator } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkMeasured } from './measured.ts'
import { readCounted } from './metric-source.ts'
import { queriedIndicator, readQuery } from './queried.ts'
import { sourceTypeOf } from './source-type.ts'

const rawTypes = ['success', 'failure']

/** A ratio that a query or a gauge gives ready-made; events have none. */
export function readRaw(
  sli: Definition,
  ratio: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): QueriedIndicator | RatioIndicator | undefined {
  const { report } = context
  const raw = ratio.child('raw')
  const rawType = ratio.child('rawType')
  const parts = ['good', 'bad', 'total'].flatMap(name => ratio.child(name) ?? [])
  for (const { keyPosition } of parts)
    report('SPEC_WRONG_VALUE', keyPosition, 'good, bad, total and raw do not go together')
  if (raw === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'rawType needs raw')
  if (rawType === undefined) report('SPEC_MISSING_FIELD', ratio.keyPosition, 'raw needs rawType: success or failure')
  else if (!rawTypes.includes(String(rawType.value))) {
    const message = `rawType is one of ${rawTypes.join(', ')}${suggestion(String(rawType.value), rawTypes)}`
    report('SPEC_WRONG_VALUE', rawType.position, message)
    return undefined
  }
  if (raw === undefined || rawType === undefined || parts.length > 0) return undefined
  const type = sourceTypeOf(raw, user, context)
  if (type === undefined) return undefined
  const shareOf = rawType.value === 'success' ? 'good' : 'bad'
  if (type === 'telemetry') return readShares(sli, raw, shareOf, user, context)
  const read = readQuery(raw, type, context)
  if (read === undefined) return undefined
  return queriedIndicator({ ...read, name: sli.metadata.name, meaning: { kind: 'raw', query: read.query, shareOf } })
}

/** Gauges whose value is the share. */
function readShares(
  sli: Definition,
  raw: YamlValue,
  shareOf: 'good' | 'bad',
  user: YamlValue | undefined,
  context: Resolving,
): RatioIndicator | undefined {
  const read = readCounted(raw, user, context)
  if (read === undefined) return undefined
  if (read.signal !== 'metrics') {
    const message =
      'events are no ready-made ratio, gauges (signal: metrics) may be: count good (or bad) and total ones'
    context.report('SPEC_UNSUPPORTED', raw.keyPosition, message)
    return undefined
  }
  if (checkMeasured(read, read, context.report) === undefined) return undefined
  return { kind: 'ratio', name: sli.metadata.name, signal: read.signal, total: read.filter, shareOf }
}
