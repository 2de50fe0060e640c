import { readFileSync, writeFileSync } from 'node:fs'
import { writeResults } from '../write-results.ts'
import type { FaultResult } from './run-fault.ts'

/** A result with what repeats it. */
export interface FaultRow extends FaultResult {
  readonly seed: number
  readonly seconds: number
}

export const columns = [
  'fault',
  'times',
  'acknowledged',
  'in store',
  'lost',
  'doubled',
  'refused, stored',
  'view off',
  'spoilt',
  'told of',
  'recovery ms',
] as const

export function cells(result: FaultResult): string[] {
  const recovery = result.recoveryMs === null ? '-' : `${result.recoveryMs.median} (≤ ${result.recoveryMs.longest})`
  const { fault, times, acknowledged, inStore, lost, doubled, refusedYetStored, viewOff, spoilt, toldOf } = result
  return [
    fault,
    ...[times, acknowledged, inStore, lost, doubled, refusedYetStored, viewOff, spoilt, toldOf].map(String),
    recovery,
  ]
}

export const isGood = (result: FaultResult) =>
  result.lost + result.doubled + result.refusedYetStored + result.viewOff === 0 && result.toldOf === result.spoilt

const resultsFile = new URL('./results.json', import.meta.url)
const page = new URL('../../docs/reliability.md', import.meta.url)

/** Replaces the fault's row in results.json, and the table of the page with what is there then, in the order of `order`. */
export function keepRow(row: FaultRow, order: readonly { readonly name: string }[]): void {
  const { results } = JSON.parse(readFileSync(resultsFile, 'utf8')) as { results: readonly FaultRow[] }
  const rows = order.flatMap(({ name }) => [row, ...results].find(({ fault }) => fault === name) ?? [])
  writeResults(resultsFile, { results: rows })
  const lines = rows.map(each => `| ${[...cells(each), each.seed].join(' | ')} |`)
  const head = [`| ${[...columns, 'seed'].join(' | ')} |`, `|${[...columns, 'seed'].map(() => '---|').join('')}`]
  const times = rows.reduce((sum, each) => sum + each.times, 0)
  const minutes = rows.reduce((sum, each) => sum + each.seconds, 0) / 60
  const total = `${times} faults in ${minutes.toFixed(0)} minutes; a row again: \`npm run faults -- --only NAME --seed SEED\`.`
  const text = readFileSync(page, 'utf8').replace(
    /<!-- faults -->[\s\S]*<!-- \/faults -->/,
    `<!-- faults -->\n${[...head, ...lines].join('\n')}\n\n${total}\n<!-- /faults -->`,
  )
  writeFileSync(page, text)
}
