import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'

/** SQL of the panels, over the roll-ups. Names in it come from validated specs, never from a person at a dashboard. */

export const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
export const list = (items: readonly string[]) => `[${items.join(', ')}]`

/** Budgets by time slices or calendars, and composites, are in the viewer and in /metrics; SQL over counts of events would show other numbers. */
const isPlain = ({ timeSlices, window, indicator }: Slo) =>
  timeSlices === undefined && window.kind === 'rolling' && indicator.kind !== 'composite'

/**
 * A value of an SLO from the specs, by name; NULL for one that these specs do not have, or that is not plain, so that it shows nothing
 * instead of a wrong number.
 */
function bySlo(specs: SpecSet, value: (slo: Slo) => string, type: string): string {
  const slos = specs.slos.filter(isPlain)
  if (slos.length === 0) return `CAST(NULL AS Nullable(${type}))`
  return `transform(Slo, ${list(slos.map(({ name }) => literal(name)))}, ${list(slos.map(value))}, NULL)`
}

const objective = (specs: SpecSet) => bySlo(specs, slo => slo.objectiveText, 'Float64')
const windowSeconds = (specs: SpecSet) => bySlo(specs, slo => `toUInt32(${slo.window.seconds})`, 'UInt32')
const longestWindow = (specs: SpecSet) => Math.max(hourSeconds, ...specs.slos.map(slo => slo.window.seconds))
const hourSeconds = 3600

/** Only the rows of the revision in force: former ones stay readable beside it. */
const inForce = '(Slo, Revision) IN (SELECT Slo, argMax(Revision, Version) FROM spec_revisions GROUP BY Slo)'
const chosen = `${inForce} AND Slo = \${slo:singlequote}`

/** Rows (Slo, Good, Valid) of each SLO's own window up to now: whole hours where they are settled, minutes at both ends. */
function windowRows(specs: SpecSet, filter: string): string {
  const from = `now() - ${windowSeconds(specs)}`
  const firstHour = `toStartOfHour(${from} + ${hourSeconds - 1})`
  const settled = 'toStartOfHour(now() - 600)'
  const recent = (column: string) => `${column} >= now() - ${longestWindow(specs)} AND ${filter}`
  return `(
  SELECT Slo, Good, Valid FROM slo_hour FINAL
  WHERE ${recent('Hour')} AND Hour >= ${firstHour} AND Hour < ${settled}
  UNION ALL
  SELECT Slo, Good, Valid FROM slo_minute FINAL
  WHERE ${recent('Minute')} AND Minute >= ${from} AND (Minute < ${firstHour} OR Minute >= ${settled})
)`
}

const budgetLeft = (specs: SpecSet, good: string, valid: string) =>
  `1 - (1 - ${good} / ${valid}) / (1 - ${objective(specs)})`

/** One row an SLO, worst budget first. */
export const sloTable = (specs: SpecSet) => `SELECT Slo AS "SLO", Service, ${objective(specs)} AS "Objective",
  good / valid AS "SLI", ${budgetLeft(specs, 'good', 'valid')} AS "Budget left",
  valid AS "Valid events", valid - good AS "Bad events"
FROM (
  SELECT Slo, sum(Good) AS good, sum(Valid) AS valid FROM ${windowRows(specs, inForce)} GROUP BY Slo HAVING valid > 0
) AS counts
INNER JOIN (SELECT Slo, argMax(Service, Version) AS Service FROM spec_revisions GROUP BY Slo) AS specs USING Slo
WHERE Service IN (\${service:singlequote})
ORDER BY "Budget left"`

/** Budget left at the end of each hour, over the window of the SLO that ends then. SLOs of one window length share a statement. */
function budgetOverTime(specs: SpecSet, filter: string): string {
  const lengths = [...new Set(specs.slos.filter(isPlain).map(slo => slo.window.seconds))]
  const ofLength = (seconds: number) => `SELECT time, Slo, left FROM (
  SELECT time, Slo, ${budgetLeft(specs, 'sum(good) OVER w', 'sum(valid) OVER w')} AS left
  FROM (
    SELECT Slo, Hour + ${hourSeconds} AS time, sum(Good) AS good, sum(Valid) AS valid
    FROM slo_hour FINAL
    WHERE Hour >= $__fromTime - ${seconds} AND Hour <= $__toTime AND ${filter} AND ${windowSeconds(specs)} = ${seconds}
    GROUP BY Slo, time
  )
  WINDOW w AS (PARTITION BY Slo ORDER BY toUnixTimestamp(time) RANGE BETWEEN ${seconds - hourSeconds} PRECEDING AND CURRENT ROW)
)
WHERE $__timeFilter(time)`
  const parts = lengths.length === 0 ? [ofLength(hourSeconds)] : lengths.map(ofLength)
  return `SELECT time, Slo AS label, left FROM (\n${parts.join('\nUNION ALL\n')}\n)\nORDER BY time`
}

export const budgetsOverTime = (specs: SpecSet) => budgetOverTime(specs, inForce)
export const budgetOfOneOverTime = (specs: SpecSet) => budgetOverTime(specs, chosen)

/** Burn rate over the seconds before each minute; of each step shown, the highest. */
export const burnOverTime = (
  specs: SpecSet,
  seconds: number,
) => `SELECT $__timeInterval(minute) AS time, max(rate) AS burn
FROM (
  SELECT minute, (1 - sum(good) OVER w / sum(valid) OVER w) / (1 - ${objective(specs)}) AS rate
  FROM (
    SELECT Slo, Minute AS minute, sum(Good) AS good, sum(Valid) AS valid
    FROM slo_minute FINAL
    WHERE Minute >= $__fromTime - ${seconds} AND Minute <= $__toTime AND ${chosen}
    GROUP BY Slo, minute
  )
  WINDOW w AS (ORDER BY toUnixTimestamp(minute) RANGE BETWEEN ${seconds - 60} PRECEDING AND CURRENT ROW)
)
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time`

/** Minutes for up to two days, hours beyond: the engine skips the half whose condition is false. */
export function steps(table: 'sli' | 'slo' | 'ratio', columns: string, filter: string): string {
  const isLong = 'toUnixTimestamp($__toTime) - toUnixTimestamp($__fromTime) > 172800'
  const of = (step: 'Minute' | 'Hour', condition: string) =>
    `SELECT ${step} AS at, ${columns} FROM ${table}_${step.toLowerCase()} FINAL
  WHERE $__timeFilter(${step}) AND ${filter} AND ${condition}`
  return `(
  ${of('Minute', `NOT (${isLong})`)}
  UNION ALL
  ${of('Hour', isLong)}
)`
}

const layerSteps = steps('sli', `\${layer:raw} AS label, Good, Valid`, chosen)

export const sliByLayer = `SELECT $__timeInterval(at) AS time, label, sum(Good) / sum(Valid) AS sli
FROM ${layerSteps}
GROUP BY time, label
HAVING sum(Valid) > 0
ORDER BY time`

export const layerTable = `SELECT label AS "Value", sum(Good) / sum(Valid) AS "SLI", sum(Valid) - sum(Good) AS "Bad events",
  sum(Valid) AS "Valid events"
FROM ${layerSteps}
GROUP BY label
ORDER BY "Bad events" DESC
LIMIT 100`

export const eventsOverTime = `SELECT $__timeInterval(at) AS time, sum(Good) AS good, sum(Valid) - sum(Good) AS bad
FROM ${steps('slo', 'Good, Valid', chosen)}
GROUP BY time
ORDER BY time`

/** SLI over the SLO's whole window, one number. */
export const sliNow = (specs: SpecSet) => `SELECT sum(Good) / sum(Valid) AS sli
FROM ${windowRows(specs, chosen)}
HAVING sum(Valid) > 0`

export const budgetNow = (specs: SpecSet) => `SELECT ${budgetLeft(specs, 'sum(Good)', 'sum(Valid)')} AS left
FROM ${windowRows(specs, chosen)}
GROUP BY Slo
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
