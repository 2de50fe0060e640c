/**
 * The fault suite: `npm run faults [-- --only NAME] [-- --times N] [-- --seed S]`. Prints a table, writes results.json beside this file,
 * and rewrites the table in docs/reliability.md when it ran whole. Exit 1 when anything was lost or doubled.
 *
 * Each fault runs in a process of its own, because a process can open one embedded store.
 */
import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { faults } from './faults.ts'
import { type FaultResult, runFault } from './run-fault.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    times: { type: 'string' },
    seed: { type: 'string' },
    single: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))

const columns = [
  'fault',
  'times',
  'acknowledged',
  'in store',
  'lost',
  'doubled',
  'refused, stored',
  'view off',
  'spoilt',
  'dead letters',
  'recovery ms',
] as const

function cells(result: FaultResult): string[] {
  const recovery = result.recoveryMs === null ? '-' : `${result.recoveryMs.median} (≤ ${result.recoveryMs.longest})`
  const { fault, times, acknowledged, inStore, lost, doubled, refusedYetStored, viewOff, spoilt, deadLetters } = result
  return [
    fault,
    ...[times, acknowledged, inStore, lost, doubled, refusedYetStored, viewOff, spoilt, deadLetters].map(String),
    recovery,
  ]
}

const isGood = (result: FaultResult) =>
  result.lost + result.doubled + result.refusedYetStored + result.viewOff === 0 && result.deadLetters === result.spoilt

async function single(name: string): Promise<void> {
  const fault = faults.find(candidate => candidate.name === name)
  if (fault === undefined) throw new Error(`no fault is called ${name}`)
  const times = Number(values.times ?? fault.times)
  const result = await runFault(fault, times, seed, done => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done}/${times} `)
  })
  process.send?.(result)
}

function runInOwnProcess(name: string): Promise<FaultResult> {
  return new Promise((resolve, reject) => {
    const args = [
      '--single',
      name,
      '--seed',
      String(seed),
      ...(values.times === undefined ? [] : ['--times', values.times]),
    ]
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--disable-warning=ExperimentalWarning'] })
    child.once('message', (result: FaultResult) => {
      child.kill()
      resolve(result)
    })
    child.once('exit', code => reject(new Error(`${name}: ended with ${code}`)))
  })
}

function writeReport(results: readonly FaultResult[], minutes: number): void {
  const report = { seed, minutes: Number(minutes.toFixed(1)), results }
  writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
  const page = new URL('../../docs/reliability.md', import.meta.url)
  const rows = results.map(result => `| ${cells(result).join(' | ')} |`)
  const table = [`| ${columns.join(' | ')} |`, `|${columns.map(() => '---|').join('')}`, ...rows].join('\n')
  const text = readFileSync(page, 'utf8').replace(
    /<!-- faults -->[\s\S]*<!-- \/faults -->/,
    `<!-- faults -->\n${table}\n\nSeed ${seed}, ${report.minutes} minutes, \`npm run faults -- --seed ${seed}\`.\n<!-- /faults -->`,
  )
  writeFileSync(page, text)
}

async function all(): Promise<void> {
  const chosen = faults.filter(({ name }) => values.only === undefined || name.includes(values.only))
  const started = performance.now()
  process.stdout.write(`seed ${seed}\n${columns.join('  ')}\n`)
  const results: FaultResult[] = []
  for (const { name } of chosen) {
    const result = await runInOwnProcess(name)
    results.push(result)
    process.stdout.write(`${cells(result).join('  ')}${isGood(result) ? '' : '  <-- WRONG'}\n`)
  }
  if (values.only === undefined && values.times === undefined)
    writeReport(results, (performance.now() - started) / 60_000)
  const lost = results.reduce((sum, { lost: one }) => sum + one, 0)
  const doubled = results.reduce((sum, { doubled: one }) => sum + one, 0)
  process.stdout.write(
    `${results.reduce((sum, { times }) => sum + times, 0)} faults, ${lost} lost, ${doubled} doubled\n`,
  )
  process.exitCode = results.every(isGood) ? 0 : 1
}

await (values.single === undefined ? all() : single(values.single))
