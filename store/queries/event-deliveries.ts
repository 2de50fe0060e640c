import type { EventSource } from './event-sources.ts'
import type { MinuteSelection } from './minute-selection.ts'
import { timeCondition } from './raw-scans.ts'

/**
 * What a scan of raw events reads: the signal's table, or of CloudEvents the first delivery of each within the selection. Which one that is,
 * also among deliveries at other times, is asked of `event_deliveries` for the selection's events alone. Deliveries that were received and
 * happened at the same moment are told apart by nothing: any of them counts.
 */
export function rowsOf(source: EventSource, selection: MinuteSelection): string {
  if (!source.mayRepeat) return source.table
  const within = timeCondition(source, selection)
  return `(
      SELECT * FROM ${source.table}
      WHERE ${within} AND (EventKey, ReceivedAt, Time) NOT IN (
        SELECT EventKey, Later.1, Later.2
        FROM (
          SELECT EventKey, arraySlice(arraySort(groupUniqArray((ReceivedAt, Time))), 2) AS Repeats FROM event_deliveries
          WHERE EventKey IN (
            SELECT EventKey FROM event_deliveries
            WHERE EventKey IN (SELECT EventKey FROM ${source.table} WHERE ${within}) GROUP BY EventKey HAVING count() > 1
          )
          GROUP BY EventKey
        )
        ARRAY JOIN Repeats AS Later
      )
      LIMIT 1 BY EventKey
    ) AS deliveries`
}
