import type { EventSource } from './event-sources.ts'
import type { MinuteSelection } from './minute-selection.ts'
import { type Constant, replacePlaceholders } from './placeholders.ts'

/** What every scan of raw events is made of, whatever it counts. */

/** Members of a shape with fewer than this share the columns of a wide scan instead of a join of their own. */
export const smallestJoin = 3
/** Members counted side by side in one wide scan; more columns would be computed one by one all the same. */
export const membersAScan = 32
/** Members of one join: bounds the size of the parameters, which travel in a URL to a remote engine. */
export const membersAJoin = 1000

export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

export function timeCondition(source: EventSource, selection: MinuteSelection): string {
  const range =
    `${source.time} >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND ` +
    `${source.time} < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`
  if (selection.minutes === undefined) return range
  return `${range} AND toUnixTimestamp(toStartOfMinute(${source.time})) IN {minutes:Array(UInt32)}`
}

export function selectionParams(selection: MinuteSelection): Record<string, unknown> {
  const { fromMs, toMs, minutes } = selection
  return minutes === undefined ? { fromMs, toMs } : { fromMs, toMs, minutes }
}

/** What asks the same of events but for constants. */
export interface SharedScan {
  /** Join keys: SQL of the field and the index of the constant it equals. */
  readonly keys: readonly { readonly sql: string; readonly constant: number }[]
  readonly names: readonly string[]
  readonly members: readonly { readonly constants: readonly Constant[] }[]
}

/** The join of events with the constants of all members; `c.MemberId` is the member's number, from 1 on. */
export function constantsJoin({ keys, names, members }: SharedScan) {
  const bind = (sql: string) =>
    replacePlaceholders(sql, (kind, index) => (kind === 'name' ? `{n${index}:String}` : `c.k${index}`))
  const types = members[0]?.constants.map(({ type }) => type) ?? []
  const zip = ['{ids:Array(UInt32)}', ...types.map((type, index) => `{k${index}:Array(${type})}`)]
  const constants = `SELECT t.1 AS MemberId${types.map((_, index) => `, t.${index + 2} AS k${index}`).join('')}
    FROM (SELECT arrayJoin(arrayZip(${zip.join(', ')})) AS t)`
  return {
    bind,
    joined: `INNER JOIN (${constants}) AS c ON ${keys.map(({ sql, constant }) => `${bind(sql)} = c.k${constant}`).join(' AND ')}`,
    // Beside the join, so that the primary key and skip indexes leave out what no member asks for.
    pruning: keys.map(({ sql, constant }) => `${bind(sql)} IN {k${constant}:Array(String)}`).join(' AND '),
    params: {
      ...Object.fromEntries(names.map((name, index) => [`n${index}`, name])),
      ...Object.fromEntries(
        types.map((_, index) => [`k${index}`, members.map(({ constants }) => constants[index]?.value)]),
      ),
      ids: members.map((_, index) => index + 1),
    },
  }
}
