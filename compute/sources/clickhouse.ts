import { NinefoldError } from '../../lib/errors.ts'
import { layerNames } from '../../slo-specs/schema/layers.ts'
import type { QueriedIndicator } from '../../slo-specs/schema/model.ts'
import type { GuestAnswer, GuestReader } from '../../store/client/store.ts'
import { addShare, type CountSource, CountSums, keeps, type MinuteSpan, type PulledCounts } from './pulled-counts.ts'

/** Asks the store's own engine, by SQL that somebody wrote into a spec, for rows of minutes. */
export function createClickHouseSource(guest: GuestReader): CountSource {
  return {
    pull: async ({ meaning }, span, signal) => {
      const ask = async (query: string) => rowsOf(await guest.select(query, span, { signal }), span)
      if (meaning.kind !== 'counts') return countRows(meaning, await ask(meaning.query), noRows)
      return countRows(meaning, await ask(meaning.total), await ask(meaning.part))
    },
  }
}

interface Row {
  readonly number: number
  readonly minute: number
  readonly layers: Record<string, string>
  readonly cells: Readonly<Record<string, unknown>>
}

interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

const noRows: Rows = { columns: [], rows: [] }

function countRows(meaning: QueriedIndicator['meaning'], main: Rows, part: Rows): PulledCounts {
  const sums = new CountSums()
  const covered = new Set<number>()
  if (meaning.kind === 'raw' && main.columns.includes('valid')) {
    for (const row of main.rows) {
      sums.add(row.minute, row.layers, { good: countOf(row, 'good'), valid: countOf(row, 'valid') })
      covered.add(row.minute)
    }
    return { covered: [...covered], counts: sums.counts('good') }
  }
  if (meaning.kind === 'counts') {
    for (const row of main.rows) {
      sums.add(row.minute, row.layers, { valid: countOf(row, 'value') })
      covered.add(row.minute)
    }
    for (const row of part.rows)
      if (covered.has(row.minute)) sums.add(row.minute, row.layers, { good: countOf(row, 'value') })
    return { covered: [...covered], counts: sums.counts(meaning.partIs) }
  }
  for (const row of main.rows) {
    const value = numberOf(row, 'value')
    // NULL and NaN are no values: the minute is missing.
    if (value === undefined) continue
    if (meaning.kind === 'threshold') {
      sums.add(row.minute, row.layers, { good: keeps(value, meaning.comparison, meaning.value) ? 1n : 0n, valid: 1n })
    } else if (!addShare(sums, row.minute, row.layers, value, meaning.shareOf)) {
      throw wrong(`row ${row.number}: value is ${value}, which is no share from 0 to 1`)
    }
    covered.add(row.minute)
  }
  return { covered: [...covered], counts: sums.counts(meaning.kind === 'raw' ? meaning.shareOf : 'good') }
}

const known = new Set<string>(['time', 'good', 'valid', 'value', ...layerNames])

/** The rows of a query by minute. @throws SOURCE_BAD_ANSWER for what they cannot mean. */
function rowsOf({ columns, rows }: GuestAnswer, { from, to }: MinuteSpan): Rows {
  const names = columns.map(({ name }) => name)
  const has = (...wanted: string[]) => wanted.every(name => names.includes(name))
  if (!has('time') || !(has('value') || has('good', 'valid')))
    throw wrong(`the columns are ${names.join(', ')}; wanted are time and value, or time, good and valid`)
  const foreign = names.find(name => !known.has(name))
  if (foreign !== undefined)
    throw wrong(`the column ${foreign} is neither a count nor one of the layers ${layerNames.join(', ')}`)
  const type = columns.find(({ name }) => name === 'time')?.type ?? ''
  if (!/^DateTime/.test(type)) throw wrong(`time is of type ${type}; wanted is a DateTime, such as toStartOfMinute(…)`)
  const read = rows.map((cells, index): Row => {
    const row = Object.fromEntries(names.map((name, at) => [name, cells[at]]))
    const minute = Math.floor(Number(row.time) / 60) * 60
    const layers = layerNames.flatMap(layer => {
      const value = row[layer]
      return value === undefined || value === null || value === '' ? [] : [[layer, String(value)]]
    })
    return { number: index + 1, minute, layers: Object.fromEntries(layers), cells: row }
  })
  const within = read.filter(({ minute }) => minute >= from && minute < to)
  if (read.length > 0 && within.length === 0) throw wrong('no row lies between {from:DateTime} and {to:DateTime}')
  return { columns: names, rows: within }
}

/** A whole number from 0 up, exactly. */
function countOf(row: Row, column: string): bigint {
  const cell = row.cells[column]
  const text = typeof cell === 'string' || typeof cell === 'number' ? String(cell) : ''
  if (/^\d+$/.test(text)) return BigInt(text)
  throw wrong(`row ${row.number}: ${column} is ${JSON.stringify(cell)}, which is no count`)
}

function numberOf(row: Row, column: string): number | undefined {
  const cell = row.cells[column]
  if (cell === null) return undefined
  const value = typeof cell === 'string' || typeof cell === 'number' ? Number(cell) : Number.NaN
  if (Number.isFinite(value)) return value
  throw wrong(`row ${row.number}: ${column} is ${JSON.stringify(cell)}, which is no number`)
}

function wrong(message: string): NinefoldError {
  return new NinefoldError('SOURCE_BAD_ANSWER', message)
}
