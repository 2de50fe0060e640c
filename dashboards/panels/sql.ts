import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'

/** SQL of the panels, over the roll-ups. Names in it come from validated specs, never from a person at a dashboard. */

const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const list = (items: readonly string[]) => `[${items.join(', ')}]`

/** An SLO's value from the specs, by name, e.g. its objective. */
function bySlo(specs: SpecSet, value: (slo: Slo) => string, fallback: string): string {
  if (specs.slos.length === 0) return fallback
  return `transform(Slo, ${list(specs.slos.map(({ name }) => literal(name)))}, ${list(specs.slos.map(value))}, ${fallback})`
}

const objective = (specs: SpecSet) => bySlo(specs, slo => slo.objectiveText, '0.')
const windowSeconds = (specs: SpecSet) => bySlo(specs, slo => `toUInt32(${slo.window.seconds})`, 'toUInt32(2592000)')

/** Only the rows of the revision in force: former ones stay readable beside it. */
const inForce = '(Slo, Revision) IN (SELECT Slo, argMax(Revision, Version) FROM spec_revisions GROUP BY Slo)'
const chosen = `${inForce} AND Slo = '\${slo:text}'`
const service = `AND has([\${service:singlequote}], ${'Service'})`

const burn = (specs: SpecSet) => `(1 - sum(Good) / sum(Valid)) / (1 - ${objective(specs)})`

/** One row an SLO, worst budget first. */
export const sloTable = (specs: SpecSet) => `SELECT Slo AS "SLO", any(Service) AS "Service",
  ${objective(specs)} AS "Objective", sum(Good) / sum(Valid) AS "SLI",
  1 - ${burn(specs)} AS "Budget left", sum(Valid) AS "Valid events", sum(Valid) - sum(Good) AS "Bad events"
FROM slo_minute FINAL
INNER JOIN (SELECT Slo, argMax(Service, Version) AS Service FROM spec_revisions GROUP BY Slo) AS specs USING Slo
WHERE ${inForce} ${service}
  AND Minute >= now() - ${windowSeconds(specs)}
GROUP BY Slo
HAVING sum(Valid) > 0
ORDER BY "Budget left"`

/** Remaining budget per SLO over the time shown, each step summing the part of the SLO's window that is stored by then. */
export const budgetOverTime = (specs: SpecSet) => `SELECT time, Slo,
  1 - (1 - sum(good) OVER w / sum(valid) OVER w) / (1 - ${objective(specs)}) AS "left"
FROM (
  SELECT Slo, $__timeInterval(Minute) AS time, sum(Good) AS good, sum(Valid) AS valid
  FROM slo_minute FINAL
  WHERE $__timeFilter(Minute) AND ${inForce}
  GROUP BY Slo, time
)
WINDOW w AS (PARTITION BY Slo ORDER BY time)
ORDER BY time`

export const burnOverTime = (specs: SpecSet, seconds: number) => `SELECT time, 'burn' AS label,
  (1 - sum(good) OVER w / sum(valid) OVER w) / (1 - ${objective(specs)}) AS burn
FROM (
  SELECT any(Slo) AS Slo, Minute AS time, sum(Good) AS good, sum(Valid) AS valid
  FROM slo_minute FINAL
  WHERE Minute >= $__fromTime - ${seconds} AND Minute <= $__toTime AND ${chosen}
  GROUP BY time
)
WINDOW w AS (ORDER BY toUnixTimestamp(time) RANGE BETWEEN ${seconds - 60} PRECEDING AND CURRENT ROW)
ORDER BY time`

export const sliByLayer = `SELECT $__timeInterval(Minute) AS time, \${layer:raw} AS label, sum(Good) / sum(Valid) AS sli
FROM sli_minute FINAL
WHERE $__timeFilter(Minute) AND ${chosen}
GROUP BY time, label
HAVING sum(Valid) > 0
ORDER BY time`

export const layerTable = `SELECT \${layer:raw} AS "Value", sum(Good) / sum(Valid) AS "SLI", sum(Valid) - sum(Good) AS "Bad events",
  sum(Valid) AS "Valid events"
FROM sli_minute FINAL
WHERE $__timeFilter(Minute) AND ${chosen}
GROUP BY "Value"
ORDER BY "Bad events" DESC
LIMIT 100`

export const eventsOverTime = `SELECT $__timeInterval(Minute) AS time, sum(Good) AS good, sum(Valid) - sum(Good) AS bad
FROM slo_minute FINAL
WHERE $__timeFilter(Minute) AND ${chosen}
GROUP BY time
ORDER BY time`

/** SLI over the SLO's whole window, one number. */
export const sliNow = (specs: SpecSet) => `SELECT sum(Good) / sum(Valid) AS sli
FROM slo_minute FINAL
WHERE Minute >= now() - ${windowSeconds(specs)} AND ${chosen}
HAVING sum(Valid) > 0`

export const budgetNow = (
  specs: SpecSet,
) => `SELECT 1 - (1 - sum(Good) / sum(Valid)) / (1 - any(${objective(specs)})) AS left
FROM slo_minute FINAL
WHERE Minute >= now() - ${windowSeconds(specs)} AND ${chosen}
HAVING sum(Valid) > 0`

const alertColumns = `Slo AS "SLO", Severity AS "Severity", State AS "State", FiredAt AS "Fired", ResolvedAt AS "Resolved",
  BudgetRemainingRatio AS "Budget left", SuspectVersion AS "Version"`

export const alertTable = `SELECT ${alertColumns}
FROM alerts FINAL
WHERE FiredAt IS NOT NULL AND $__timeFilter(FiredAt)
ORDER BY FiredAt DESC
LIMIT 200`

export const alertAnnotations = `SELECT FiredAt AS time, ifNull(ResolvedAt, now64(3)) AS timeEnd, concat(Severity, ' of ', Slo) AS text, Severity AS tags
FROM alerts FINAL
WHERE FiredAt IS NOT NULL AND FiredAt <= $__toTime AND ifNull(ResolvedAt, now64(3)) >= $__fromTime`

export const deploymentAnnotations = `SELECT FirstSeen AS time, FirstSeen AS timeEnd, concat(Service, ' ', ServiceVersion) AS text, 'deployment' AS tags
FROM (SELECT Service, ServiceVersion, min(FirstSeen) AS FirstSeen FROM service_versions GROUP BY Service, ServiceVersion)
WHERE FirstSeen >= $__fromTime AND FirstSeen <= $__toTime`

export const arrivalsOverTime = `SELECT $__timeInterval(Minute) AS time, Signal AS label, sum(Rows) AS rows
FROM arrivals
WHERE $__timeFilter(Minute)
GROUP BY time, label
ORDER BY time`

export const deadLetterTable = `SELECT QuarantinedAt AS "When", Topic AS "Topic", Offset AS "Offset", Reason AS "Reason", Message AS "Message", State AS "State"
FROM dead_letters FINAL
WHERE $__timeFilter(QuarantinedAt)
ORDER BY QuarantinedAt DESC
LIMIT 200`

export const notificationTable = `SELECT CreatedAt AS "When", Slo AS "SLO", Severity AS "Severity", Action AS "Action", State AS "State", Attempts AS "Attempts",
  LastError AS "Last error"
FROM notifications FINAL
WHERE $__timeFilter(CreatedAt)
ORDER BY CreatedAt DESC
LIMIT 200`

export const batchDelay = `SELECT $__timeInterval(InsertedAt) AS time, Topic AS label, count() AS batches
FROM sink_offsets
WHERE $__timeFilter(InsertedAt)
GROUP BY time, label
ORDER BY time`

export const sloNames = `SELECT DISTINCT Slo FROM spec_revisions ORDER BY Slo`
export const serviceNames = `SELECT DISTINCT Service FROM spec_revisions ORDER BY Service`
