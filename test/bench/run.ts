/**
 * `npm run bench`, with options as in `npm run bench -- --help`: every measurement, one after the other, each beside its baseline. Writes results.json beside this file and the table in docs/performance.md; with `--only`, that part of them, if `--write` is given.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { readScriptArguments, refuse } from '../scripts.ts'
import { writeResults } from '../write-results.ts'
import { performanceRows } from './performance-rows.ts'

const { options: values } = readScriptArguments('bench')

const benches: readonly (readonly [name: string, ...args: string[]])[] = [
  ['gateway-walk'],
  ['engine-insert'],
  ['evaluation'],
  ['specs'],
  ['latency'],
  ['demo-start'],
  ['warm-memory'],
  ['ingest', String(values.seconds ?? 60)],
  ['kafka', String(values.spans ?? 400)],
]

const names = benches.map(([name]) => name)
if (values.only !== undefined && !names.includes(values.only))
  refuse('bench', `no measurement is called "${values.only}"; there are ${names.join(', ')}`)

function runBench([name, ...args]: (typeof benches)[number]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const script = new URL(`./${name}.ts`, import.meta.url).pathname
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on('close', code => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${name} ended with ${code}`))))
  })
}

interface Report {
  readonly results: Record<string, object>
}

const resultsFile = new URL('./results.json', import.meta.url)
const former = (JSON.parse(readFileSync(resultsFile, 'utf8')) as Report).results
const keep = values.only === undefined || values.write
const measured: Record<string, object> = {}
for (const bench of benches) {
  const [name] = bench
  if (values.only !== undefined && values.only !== name && !(values.only === 'ingest' && name === 'warm-memory'))
    continue
  process.stderr.write(`${name} …\n`)
  const loadBefore = loadavg()[0]
  measured[name] = { at: new Date().toISOString(), loadBefore, ...((await runBench(bench)) as object) }
  // After each part: what was measured is kept though a later one fails.
  if (keep) write({ ...former, ...measured })
}
process.stdout.write(`${JSON.stringify({ processors: availableParallelism(), results: measured }, null, 2)}\n`)
for (const row of performanceRows(measured)) process.stderr.write(`${row}\n`)

function write(results: Record<string, object>): void {
  writeResults(resultsFile, { processors: availableParallelism(), results })
  const page = new URL('../../docs/performance.md', import.meta.url)
  const table = [
    '| what | measured | goal | baseline in the same run |',
    '|---|---|---|---|',
    ...performanceRows(results),
  ]
  const text = readFileSync(page, 'utf8').replace(
    /<!-- bench -->[\s\S]*<!-- \/bench -->/,
    `<!-- bench -->\n${table.join('\n')}\n<!-- /bench -->`,
  )
  writeFileSync(page, text)
}
