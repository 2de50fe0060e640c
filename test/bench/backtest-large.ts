/**
 * Ten SLOs over all of a month of raw events, as many as the goal names: `node test/bench/backtest-large.ts FOLDER [events]`. The first run fills the
 * folder, which takes minutes and some gigabytes; each run prints one JSON object. Not a part of `npm run bench`, which works the figure out
 * from two smaller sizes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { backtestSpecs } from '../../compute/jobs/backtest-specs.ts'
import { parseSpecFiles } from '../../compute/jobs/specs-in-force.ts'
import { systemClock as clock } from '../../lib/clock.ts'
import { createStore } from '../../store/client/create-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { specFiles } from './spec-files.ts'

const folder = resolve(process.argv[2] ?? 'backtest-large')
const events = Number(process.argv[3] ?? 100_000_000)
const days = 30
const dayMs = 86_400_000
mkdirSync(folder, { recursive: true })
const marker = join(folder, 'filled.json')
const store = await createStore({ kind: 'embedded', path: join(folder, 'store') })

async function fill(endMs: number): Promise<void> {
  await migrate(store.compute, { nowMs: endMs })
  const perDay = Math.floor(events / days)
  for (let day = 0; day < days; day++) {
    const fromMs = endMs - (days - day) * dayMs
    const sql = `INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode)
SELECT fromUnixTimestamp64Milli(${fromMs} + intDiv(number * ${dayMs}, ${perDay})), concat('GET ', route), 'Server',
  concat('service-', toString(cityHash64(number, 2) % 1000)) AS service,
  map('service.name', service, 'service.version', '1.2.3', 'cloud.region', 'eu', 'k8s.pod.name', concat(service, '-1')),
  map('http.request.method', 'GET', 'http.response.status_code', if(cityHash64(number, 3) % 100 = 0, '500', '200'),
    'http.route', concat('/route/', toString(cityHash64(number, 4) % 10)) AS route, 'url.path', '/cart/17', 'server.address', 'shop.example.com'),
  cityHash64(number, 5) % 100000000, 'Unset'
FROM numbers(${perDay}) SETTINGS max_insert_threads = 1`
    await store.compute.execute({ name: 'fill', sql, params: z.object({}) }, {})
    process.stderr.write(`  day ${day + 1} of ${days}\n`)
  }
}

if (!existsSync(marker)) {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000
  await fill(endMs)
  writeFileSync(marker, JSON.stringify({ endMs }))
}
const { endMs } = JSON.parse(readFileSync(marker, 'utf8')) as { endMs: number }
// Over all events of ten routes, so that no primary key helps.
const files = specFiles(10).map(({ file, text }) => ({
  file,
  text: text.replaceAll('service.name == "service-0" && ', ''),
}))
const { specs } = await parseSpecFiles(files)
if (specs === null) throw new Error('the specs of the bench are wrong')
const before = process.cpuUsage()
const started = performance.now()
let peakRssMegabytes = 0
const timer = setInterval(() => {
  peakRssMegabytes = Math.max(peakRssMegabytes, Math.round(process.memoryUsage.rss() / 1024 ** 2))
}, 50)
const { slos } = await backtestSpecs({ reader: store.reader, clock }, specs, {
  fromMs: endMs - days * dayMs,
  toMs: endMs,
  progress: share => process.stderr.isTTY && process.stderr.write(`\r  ${Math.round(share * 100)} %`),
})
clearInterval(timer)
const { user, system } = process.cpuUsage(before)
const counted = slos.reduce((sum, { today }) => sum + Number(today.valid), 0)
const wallSeconds = Math.round(performance.now() - started) / 1000
process.stdout.write(
  `${JSON.stringify({ bench: 'backtest-large', events, counted, days, slos: slos.length, wallSeconds, cpuSeconds: (user + system) / 1e6, peakRssMegabytes })}\n`,
)
await store.close()
process.exit()
