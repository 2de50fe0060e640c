/**
 * The test command: every check and every suite, each a row, then one plain line of the true totals.
 * A check counts as one; a suite counts its tests. A skipped test counts as failed: nothing here may be skipped.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { readScriptArguments } from './scripts.ts'

interface Outcome {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
}

const folders = ['lib', 'slo-specs', 'ingest', 'store', 'compute', 'api', 'dashboards', 'cli', 'test']

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', 'biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['types of the viewer', 'tsc', '--noEmit', '-p', 'api/viewer/tsconfig.json'],
  ['import law', 'depcruise', '--config', '.dependency-cruiser.mjs', ...folders],
  ['dead code', 'knip', '--no-progress'],
]

function run(command: string, args: readonly string[], quiet: boolean): Promise<number> {
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'] })
    const output: Buffer[] = []
    child.stdout?.on('data', chunk => output.push(chunk))
    child.stderr?.on('data', chunk => output.push(chunk))
    child.on('error', error => {
      process.stderr.write(`${command}: ${error.message}\n`)
      resolve(127)
    })
    child.on('close', code => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(output))
      resolve(code ?? 1)
    })
  })
}

async function runCheck([name, command, ...args]: (typeof checks)[number]): Promise<Outcome> {
  const started = performance.now()
  const code = await run(command, args, true)
  const seconds = (performance.now() - started) / 1000
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, seconds }
}

async function runSuites(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-test-'))
  const file = join(folder, 'vitest.json')
  const started = performance.now()
  const code = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile=${file}`], false)
  const seconds = (performance.now() - started) / 1000
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number
      numTotalTests: number
      numFailedTestSuites: number
    }
    const failed = report.numTotalTests - report.numPassedTests
    // A file that fails before its first test has no failed test of its own; the exit code still knows.
    return { name: 'suites', passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, seconds }
  } catch {
    return { name: 'suites', passed: 0, failed: 1, seconds }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Got before the suites begin, so that no test's time goes into building one, and no two build the same. */
const realParts = ['real parts', 'node', 'test/real-parts/install.ts'] as const

const isWhole = readScriptArguments('test').options.checks !== true
const outcomes: Outcome[] = []
for (const check of isWhole ? [...checks, realParts] : checks) {
  const outcome = await runCheck(check)
  process.stdout.write(
    `${outcome.failed === 0 ? 'ok    ' : 'FAILED'}  ${outcome.name} (${outcome.seconds.toFixed(1)} s)\n`,
  )
  outcomes.push(outcome)
}
if (isWhole) outcomes.push(await runSuites())

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
