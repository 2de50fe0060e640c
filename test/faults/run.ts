/**
 * The fault suite: `npm run faults`, with options as in `npm run faults -- --help`. Prints a table; a row of a fault that ran as often as it
 * should also goes into results.json beside this file and into the table of docs/reliability.md. Exit 1 when anything was lost or doubled.
 *
 * Each fault runs in a process of its own, because a process can open one embedded store.
 */
import { fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readScriptArguments, refuse } from '../scripts.ts'
import { faults } from './faults.ts'
import { cells, columns, type FaultRow, isGood, keepRow } from './report.ts'
import { riverFaults } from './river/river-faults.ts'
import { runRiverFault } from './river/run-river-fault.ts'
import { roleFaults, runRoleFault } from './roles/role-faults.ts'
import { type FaultResult, runFault } from './run-fault.ts'

const { options: values } = readScriptArguments('faults')
const seed = values.seed ?? Math.floor(Math.random() * 1e9)

const everyFault = [...faults, ...riverFaults, ...roleFaults]

async function single(name: string): Promise<void> {
  const ofOne = faults.find(candidate => candidate.name === name)
  const ofRiver = riverFaults.find(candidate => candidate.name === name)
  const ofRoles = roleFaults.find(candidate => candidate.name === name)
  const times = values.times ?? everyFault.find(candidate => candidate.name === name)?.times ?? 1
  const onProgress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done}/${times} `)
  }
  if (ofOne !== undefined) process.send?.(await runFault(ofOne, times, seed, onProgress))
  else if (ofRiver !== undefined) process.send?.(await runRiverFault(ofRiver, times, seed, onProgress))
  else if (ofRoles !== undefined) process.send?.(await runRoleFault(ofRoles, times, seed, onProgress))
  else refuse('faults', `no fault is called "${name}"`)
}

function runInOwnProcess(name: string): Promise<FaultResult> {
  return new Promise((resolve, reject) => {
    const args = [
      '--single',
      name,
      '--seed',
      String(seed),
      ...(values.times === undefined ? [] : ['--times', String(values.times)]),
    ]
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--disable-warning=ExperimentalWarning'] })
    child.once('message', (result: FaultResult) => {
      child.kill()
      resolve(result)
    })
    child.once('exit', code => reject(new Error(`${name}: ended with ${code}`)))
  })
}

async function all(): Promise<void> {
  const { only = '' } = values
  // The whole name of one is that one alone, though the name of another contains it.
  const exact = everyFault.filter(({ name }) => name === only)
  const chosen = exact.length > 0 ? exact : everyFault.filter(({ name }) => name.includes(only))
  if (chosen.length === 0)
    refuse('faults', `no fault's name contains "${only}"; there are ${everyFault.map(({ name }) => name).join(', ')}`)
  process.stdout.write(`seed ${seed}\n${columns.join('  ')}\n`)
  const results: FaultRow[] = []
  let failed = 0
  for (const { name } of chosen) {
    const started = performance.now()
    const result = await runInOwnProcess(name).catch((error: Error) => {
      failed++
      process.stdout.write(`${error.message}  <-- WRONG\n`)
    })
    if (result === undefined) continue
    const row = { ...result, seed, seconds: Math.round((performance.now() - started) / 1000) }
    results.push(row)
    process.stdout.write(`${cells(row).join('  ')}${isGood(row) ? '' : '  <-- WRONG'}\n`)
    if (values.times === undefined) keepRow(row, everyFault)
  }
  const sum = (of: (row: FaultRow) => number) => results.reduce((total, row) => total + of(row), 0)
  const [lost, doubled] = [sum(row => row.lost), sum(row => row.doubled)]
  process.stdout.write(`${sum(row => row.times)} faults, ${lost} lost, ${doubled} doubled\n`)
  process.exitCode = failed === 0 && results.every(isGood) ? 0 : 1
}

await (values.single === undefined ? all() : single(values.single))
