/**
 * `npm run bench [-- --only NAME] [-- --seconds N]`: every measurement, one after the other, each beside its baseline. Writes
 * results.json beside this file and the table in docs/performance.md when it ran whole.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { performanceRows } from './performance-rows.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string' } } })

const benches: readonly (readonly [name: string, ...args: string[]])[] = [
  ['gateway-walk'],
  ['engine-insert'],
  ['evaluation'],
  ['latency'],
  ['warm-memory'],
  ['ingest', values.seconds ?? '60'],
]

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

const results: Record<string, unknown> = {}
for (const bench of benches) {
  const [name] = bench
  if (values.only !== undefined && values.only !== name && !(values.only === 'ingest' && name === 'warm-memory'))
    continue
  process.stderr.write(`${name} …\n`)
  results[name] = await runBench(bench)
}
const report = { at: new Date().toISOString(), processors: availableParallelism(), loadBefore: loadavg()[0], results }
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
if (values.only === undefined) {
  writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
  const page = new URL('../../docs/performance.md', import.meta.url)
  const table = [
    '| what | measured | goal | baseline in the same run |',
    '|---|---|---|---|',
    ...performanceRows(results),
  ].join('\n')
  const text = readFileSync(page, 'utf8').replace(
    /<!-- bench -->[\s\S]*<!-- \/bench -->/,
    `<!-- bench -->\n${table}\n<!-- /bench -->`,
  )
  writeFileSync(page, text)
  for (const row of performanceRows(results)) process.stderr.write(`${row}\n`)
}
