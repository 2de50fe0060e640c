import { z } from 'zod'
import { safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'
import type { BoundStatement, MinuteSelection } from './minute-selection.ts'

const anyParams = z.record(z.string(), z.unknown())

/** Notes the versions that spans of the selected minutes came from. */
export function noteServiceVersions({ fromMs, toMs }: MinuteSelection): BoundStatement {
  const sql = `INSERT INTO service_versions (Service, ServiceVersion, FirstSeen, LastSeen)
SELECT ServiceName, ResourceAttributes['service.version'] AS Seen, min(Timestamp), max(Timestamp) FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
  AND ServiceName != '' AND Seen != ''
GROUP BY ServiceName, Seen`
  return { statement: { name: 'note-service-versions', sql, params: anyParams }, params: { fromMs, toMs } }
}

/** Versions of the services first seen within [fromMs, toMs), oldest first. `isFirst`: nothing was seen of the service before it. */
export const firstSeenVersions = defineQuery({
  name: 'first seen versions',
  sql: `SELECT service, version, firstSeenMs, isFirst FROM (
  SELECT Service AS service, ServiceVersion AS version, toUnixTimestamp64Milli(min(FirstSeen)) AS firstSeenMs,
    firstSeenMs = min(firstSeenMs) OVER (PARTITION BY Service) AS isFirst
  FROM service_versions WHERE Service IN {services:Array(String)}
  GROUP BY Service, ServiceVersion
)
WHERE firstSeenMs >= {fromMs:Int64} AND firstSeenMs < {toMs:Int64}
ORDER BY firstSeenMs, service, version`,
  params: z.object({ services: z.array(z.string()), fromMs: z.number(), toMs: z.number() }),
  row: z.object({
    service: z.string(),
    version: z.string(),
    firstSeenMs: safeInteger,
    isFirst: z.number().transform(value => value !== 0),
  }),
})
