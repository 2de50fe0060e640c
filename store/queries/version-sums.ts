import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import type { Reader } from '../client/store.ts'
import { correctedShapes } from './corrected-shapes.ts'
import { rowsOf } from './event-deliveries.ts'
import type { Verdict } from './event-filter.ts'
import type { MinuteSelection } from './minute-selection.ts'
import { selectionParams, timeCondition } from './raw-scans.ts'
import { countersOf } from './rollup-minutes.ts'
import { groupVerdicts } from './verdict-shapes.ts'

const anyParams = z.record(z.string(), z.unknown())
const row = z.object({ service: z.string(), version: z.string(), good: int64, valid: int64 })

/**
 * Good and valid events of a verdict by the service and version that sent them, which roll-ups do not keep: reads the raw events of all the
 * minutes, so for a day or so. Null of signals whose rows are no events.
 */
export async function readVersionSums(reader: Reader, verdict: Verdict, selection: MinuteSelection) {
  const [grouped] = groupVerdicts([verdict]).shapes
  if (grouped === undefined || grouped.metric !== undefined) return null
  const { source } = grouped
  const { counters, pruning, params } = countersOf(correctedShapes([grouped], selection))
  const [counter] = counters
  if (counter === undefined) throw new RangeError('a scan needs a verdict')
  const sql = `SELECT ServiceName AS service, ResourceAttributes['service.version'] AS version,
  ${counter.good} AS good, ${counter.valid} AS valid
FROM ${rowsOf(source, selection)}
WHERE ${timeCondition(source, selection)}${pruning}
GROUP BY service, version HAVING valid > 0`
  const query = { name: 'version sums', sql, params: anyParams, row }
  return reader.query(query, { ...selectionParams(selection), ...params })
}
