import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** `NNN_name.up.sql` with its `NNN_name.down.sql`. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** SHA-256 of the up file; an applied file must not change. */
  readonly checksum: string
}

const folder = new URL('./', import.meta.url)

/** The migrations beside this file, in order. */
export function readMigrations(): Migration[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.up.sql'))
    .sort()
    .map(file => {
      const up = readFileSync(new URL(file, folder), 'utf8')
      const down = readFileSync(new URL(file.replace('.up.', '.down.'), folder), 'utf8')
      const checksum = createHash('sha256').update(up).digest('hex')
      return { number: Number(file.slice(0, 3)), name: file.slice(4, -'.up.sql'.length), up, down, checksum }
    })
}

/** Statements end with a semicolon at the end of a line; whole-line comments are dropped. */
export function splitStatements(text: string): string[] {
  return text
    .split('\n')
    .filter(line => !line.startsWith('--'))
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '')
}

/** Tables that the text's DROP statements name; views hold nothing. */
export function droppedTables(text: string): string[] {
  return splitStatements(text).flatMap(statement => /^DROP TABLE (?:IF EXISTS )?(\w+)/.exec(statement)?.[1] ?? [])
}
