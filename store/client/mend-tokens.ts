import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The embedded engine writes an insert's token down before it names the part that holds the rows. A process that ends in between leaves a token
 * without rows, and the insert's replay would be taken for done; a disk that is full leaves half a line, which takes the next one with
 * it, and that one's replay would be stored twice. So before a directory is opened tokens without a part are taken out of the lists, and half lines.
 * Tokens of parts that are gone for another reason, such as their age, go too: nothing of theirs is replayed any more.
 *
 * Only for a directory that nobody has open.
 */
export function mendTokens(path: string): void {
  for (const table of tablesOf(join(path, 'store'))) {
    const folder = join(table, 'deduplication_logs')
    if (!existsSync(folder)) continue
    const parts = partsOf(readdirSync(table))
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      const text = readFileSync(file, 'utf8')
      const mended = mendLog(text, parts)
      if (mended === text) continue
      // Not beside the lists, every one of which the engine reads.
      const copy = join(path, 'mended-tokens.tmp')
      writeFileSync(copy, mended, { flush: true })
      renameSync(copy, file)
    }
  }
}

interface Part {
  readonly partition: string
  readonly first: bigint
  readonly last: bigint
}

const partName = /^(?!tmp)(.+)_(\d+)_(\d+)_\d+(?:_\d+)?$/
/** Operation (1 adds a token, 2 drops it), part, token. */
const record = /^([12])\t(\S+_\d+_\d+_\d+(?:_\d+)?)\t\S+_\d+_\d+$/

/** By three letters, then by the table's id. */
function tablesOf(store: string): string[] {
  if (!existsSync(store)) return []
  return readdirSync(store).flatMap(group => readdirSync(join(store, group)).map(id => join(store, group, id)))
}

/** By partition: a list may hold ten thousand tokens, and a table some hundred parts. */
function partsOf(names: readonly string[]): ReadonlyMap<string, readonly Part[]> {
  return Map.groupBy(
    names.flatMap(name => partOf(name) ?? []),
    ({ partition }) => partition,
  )
}

function partOf(name: string): Part | null {
  const [, partition = '', first = '', last = ''] = partName.exec(name) ?? []
  return partition === '' ? null : { partition, first: BigInt(first), last: BigInt(last) }
}

function mendLog(text: string, parts: ReadonlyMap<string, readonly Part[]>): string {
  const lines = text.split('\n').flatMap(line => wholeRecord(line) ?? [])
  const kept = lines.filter(line => {
    const [operation, name = ''] = line.split('\t')
    const added = partOf(name)
    if (operation !== '1' || added === null) return true
    // Merged, its rows are in a part that reaches from before it to behind it.
    const ofPartition = parts.get(added.partition) ?? []
    return ofPartition.some(({ first, last }) => first <= added.first && added.last <= last)
  })
  return kept.map(line => `${line}\n`).join('')
}

/** The line; of one that follows half a line without an end of its own, what is behind the half; null where nothing is whole. */
function wholeRecord(line: string): string | null {
  if (record.test(line)) return line
  const [operation = '', part = '', token = ''] = line.split('\t').slice(-3)
  const behind = `${operation.slice(-1)}\t${part}\t${token}`
  return record.test(behind) ? behind : null
}
