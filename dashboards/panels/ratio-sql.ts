import { distinctPrecision, sketchAccuracy } from '../../lib/ratio-precision.ts'
import type { Aggregate, Ratio } from '../../slo-specs/schema/model.ts'
import { list, literal, steps } from './sql.ts'

/**
 * SQL of the panels about ratios: what is kept of their sides is put together and divided, as the reports do it. Names in it come from validated specs. A
 * ratio is read in the revision that the specs have, so that one which they do not know shows nothing instead of a wrong number.
 */

const states = 'Events, Numbers, Total, Least, Most, Distinct, Sketch'

/** What a side comes to among the rows that match; NULL where no event had a value. */
function amount(aggregate: Aggregate, rows: string): string {
  switch (aggregate.function) {
    case 'count':
      return `toFloat64(sumIf(Events, ${rows}))`
    case 'uniq':
      return `toFloat64(uniqCombined64MergeIf(${distinctPrecision})(Distinct, ${rows}))`
    case 'sum':
      return `toFloat64(sumIf(Total, ${rows}))`
    case 'avg':
      return `toFloat64(sumIf(Total, ${rows})) / nullIf(sumIf(Numbers, ${rows}), 0)`
    case 'min':
      return `toFloat64(minIf(Least, ${rows}))`
    case 'max':
      return `toFloat64(maxIf(Most, ${rows}))`
    case 'quantile': {
      const quantile = `quantileDDMergeIf(${sketchAccuracy}, ${aggregate.level.toFixed(6)})(Sketch, ${rows})`
      return `if(isNaN(${quantile}), NULL, ${quantile})`
    }
  }
}

const numerator = (ratio: Ratio, rows = '1') => amount(ratio.numerator.aggregate, `Side = 'numerator' AND ${rows}`)
const denominator = (ratio: Ratio, rows = '1') =>
  amount(ratio.denominator.aggregate, `Side = 'denominator' AND ${rows}`)
const value = (ratio: Ratio, rows = '1') => `${numerator(ratio, rows)} / nullIf(${denominator(ratio, rows)}, 0)`

/** Ratios that are worked out by the same expressions share a statement. */
function ofAlike(ratios: readonly Ratio[], select: (one: Ratio, filter: string) => string): string {
  const alike = new Map<string, Ratio[]>()
  for (const ratio of ratios) alike.set(value(ratio), [...(alike.get(value(ratio)) ?? []), ratio])
  const statements = [...alike.values()].flatMap(group => {
    const keys = group.map(({ name, revision }) => `(${literal(name)}, ${literal(revision)})`)
    return group[0] === undefined ? [] : [select(group[0], `(Ratio, Revision) IN ${list(keys)}`)]
  })
  return `(\n${statements.join('\nUNION ALL\n')}\n)`
}

/** Every ratio over time, each step from all its events. */
export const ratiosOverTime = (ratios: readonly Ratio[]) => `SELECT time, label, value
FROM ${ofAlike(
  ratios,
  (one, filter) => `SELECT $__timeInterval(at) AS time, Ratio AS label, ${value(one)} AS value
FROM ${steps('ratio', `Ratio, Side, ${states}`, filter)}
GROUP BY time, label`,
)}
WHERE value IS NOT NULL
ORDER BY time`

/** The one that is chosen, by the values of a layer. */
export const ratioByLayer = (
  ratios: readonly Ratio[],
) => `SELECT label AS "Value", value AS "Ratio", top AS "Numerator", bottom AS "Denominator"
FROM ${ofAlike(
  ratios,
  (one, filter) => `SELECT label, ${value(one)} AS value, ${numerator(one)} AS top, ${denominator(one)} AS bottom
FROM ${steps('ratio', `\${layer:raw} AS label, Side, ${states}`, `${filter} AND Ratio = \${ratio:singlequote}`)}
GROUP BY label`,
)}
ORDER BY "Denominator" DESC
LIMIT 100`

/** Rows of some seconds up to now: whole hours where they are settled, minutes at both ends. */
function lastRows(seconds: number, filter: string): string {
  const from = `toStartOfMinute(now()) - ${seconds}`
  const firstHour = `toStartOfHour(${from} + 3599)`
  const settled = 'toStartOfHour(now() - 600)'
  const columns = `Ratio, Side, ${seconds} AS Seconds, ${states}`
  return `SELECT ${columns} FROM ratio_hour FINAL
  WHERE Hour >= ${firstHour} AND Hour < ${settled} AND ${filter}
  UNION ALL
  SELECT ${columns} FROM ratio_minute FINAL
  WHERE Minute >= ${from} AND Minute <= now() AND (Minute < ${firstHour} OR Minute >= ${settled}) AND ${filter}`
}

/** @param windows seconds and a column's name each. */
export function ratioTable(ratios: readonly Ratio[], windows: readonly (readonly [number, string])[]): string {
  const columns = windows.map(([, name]) => `"${name}"`).join(', ')
  return `SELECT Ratio, ${columns}
FROM ${ofAlike(ratios, (one, filter) => {
    const values = windows.map(([seconds, name]) => `${value(one, `Seconds = ${seconds}`)} AS "${name}"`)
    return `SELECT Ratio, ${values.join(', ')}
FROM (
  ${windows.map(([seconds]) => lastRows(seconds, filter)).join('\n  UNION ALL\n  ')}
)
GROUP BY Ratio`
  })}
ORDER BY Ratio`
}
