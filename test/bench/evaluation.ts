import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { windowPlan } from '../../compute/budget/windows.ts'
import { createRollup } from '../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../compute/jobs/versions.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import { createStore } from '../../store/client/create-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { readWindows } from '../../store/queries/read-windows.ts'
import { rollupMinutes } from '../../store/queries/rollup-minutes.ts'
import { fasterThan, serviceIs, sloOf, specSetOf } from '../compute/jobs/slos.ts'

/**
 * What a tick costs: 1,000 SLOs over a minute of 1 million spans, beside one query an SLO in the same run (measured on a sample
 * of SLOs and extrapolated, as the result says). `node test/bench/evaluation.ts [spans] [slos]` prints one JSON object.
 */
const spans = Number(process.argv[2] ?? 1_000_000)
const sloCount = Number(process.argv[3] ?? 1000)
const services = sloCount / 2
const sample = 20
const noParams = z.object({})

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return Math.round((user + system) / 1000) / 1000
}

async function measure(work: () => Promise<unknown>) {
  const before = process.cpuUsage()
  const start = performance.now()
  await work()
  return { cpuSeconds: cpuSeconds(before), wallSeconds: Math.round(performance.now() - start) / 1000 }
}

const path = mkdtempSync(join(tmpdir(), 'ninefold-bench-'))
const store = await createStore({ kind: 'embedded', path })
const execute = (sql: string) => store.compute.execute({ name: 'bench', sql, params: noParams }, {})

const mergesUnderWay = {
  name: 'merges',
  sql: 'SELECT count() AS merges FROM system.merges',
  params: noParams,
  row: z.object({ merges: z.coerce.number() }),
}

async function mergesAtRest(): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    const [row] = await store.compute.query(mergesUnderWay, {})
    quiet = row?.merges === 0 ? quiet + 1 : 0
    await systemClock.sleep(200)
  }
}

/** Half of the SLOs count failures by an attribute, half count slow requests: two shapes, each of its own threshold. */
function slos(): Slo[] {
  return Array.from({ length: sloCount }, (_, index) => {
    const service = `service-${Math.floor(index / 2)}`
    const statusBelow = {
      op: 'compare',
      comparison: '<',
      field: { scope: 'any', name: 'http.response.status_code' },
      value: { type: 'number', value: 500 },
    } as const
    const good = index % 2 === 0 ? statusBelow : fasterThan(100 + (index % 50) * 10)
    return sloOf(`slo-${index}`, { total: serviceIs(service), good }, { service })
  })
}

try {
  await migrate(store.compute, { nowMs: Date.now() })
  const minute = Math.floor(Date.now() / 60_000) * 60 - 60
  await execute(`INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
  SpanAttributes, Duration, StatusCode)
SELECT fromUnixTimestamp64Milli(toInt64(${minute}000 + number % 60000)), hex(number), hex(number), concat('GET /', toString(cityHash64(number, 1) % 20)), 'Server',
  concat('service-', toString(cityHash64(number, 2) % ${services})) AS service,
  map('service.name', service, 'service.version', '1.2.3', 'cloud.region', concat('region-', toString(pod % 2)),
    'cloud.availability_zone', concat('zone-', toString(pod)), 'k8s.cluster.name', 'main', 'k8s.node.name', concat('node-', toString(pod)),
    'k8s.pod.name', concat(service, '-', toString(cityHash64(number, 5) % 4 AS pod))),
  map('http.request.method', 'GET', 'http.response.status_code', if(cityHash64(number, 3) % 50 = 0, '500', '200'), 'http.route', '/cart/{id}',
    'url.path', '/cart/17', 'server.address', 'shop.example.com', 'network.protocol.version', '1.1', 'user_agent.original', 'bench'),
  cityHash64(number, 4) % 1000000000, if(cityHash64(number, 3) % 50 = 0, 'Error', 'Unset')
FROM numbers(${spans}) SETTINGS max_insert_threads = 1`)
  const plan = planVerdicts(specSetOf(slos()))
  const nextVersion = createVersions(systemClock, 0n)
  const rollup = createRollup({
    writer: store.compute,
    clock: systemClock,
    nextVersion,
    rowsATick: spans * 2,
    rawRetentionSeconds: 35 * 86_400,
  })
  let counted = {}
  const tick = await measure(async () => {
    counted = await rollup.tick(plan)
  })
  const selection = { fromMs: minute * 1000, toMs: minute * 1000 + 60_000 }
  const again = await measure(async () => {
    for (const { statement, params } of rollupMinutes(plan.shapes, selection, nextVersion()))
      await store.compute.execute(statement, params)
  })
  const alone = plan.specs.slos.slice(0, sample).map(slo => planVerdicts(specSetOf([slo])))
  const baseline = await measure(async () => {
    for (const { shapes } of alone)
      for (const { statement, params } of rollupMinutes(shapes, selection, nextVersion()))
        await store.compute.execute(statement, params)
  })
  await systemClock.sleep(2500)
  await rollup.tick(plan)
  // As after a minute of silence, when no arrival is within the look-back any more.
  await execute(
    'ALTER TABLE arrivals UPDATE InsertedAt = InsertedAt - INTERVAL 1 HOUR WHERE 1 SETTINGS mutations_sync = 1',
  )
  const idleRounds = 20
  const idle = await measure(async () => {
    for (let round = 0; round < idleRounds; round++) await rollup.tick(plan)
  })
  // History: 31 days of days and hours, and all minutes of each day that a window begins or ends in.
  const windowSeconds = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200, 2_592_000]
  const now = Math.floor(Date.now() / 60_000) * 60
  const history = async (table: string, column: string, from: number, rows: number, step: number) =>
    execute(`INSERT INTO ${table} (Slo, Revision, ${column}, Good, Valid, Version)
SELECT concat('slo-', toString(number % ${sloCount})), concat('r-slo-', toString(number % ${sloCount})), ${from} + intDiv(number, ${sloCount}) * ${step}, 990, 1000, 1
FROM numbers(${rows * sloCount})`)
  const windowRows = windowSeconds.map(seconds => ({
    windowSeconds: seconds,
    pieces: windowPlan(now * 1000 + 1, seconds),
  }))
  const today = now - (now % 86_400)
  await history('slo_day', 'Day', today - 31 * 86_400, 31, 86_400)
  await history('slo_hour', 'Hour', today - 31 * 86_400, Math.floor((now + 60 - today) / 3600) + 31 * 24, 3600)
  for (const days of new Set([now - 2_592_000, now - 259_200, now - 86_400, now].map(at => at - (at % 86_400))))
    await history('slo_minute', 'Minute', days, days === today ? (now + 60 - today) / 60 : 1440, 60)
  // The engine puts the parts of what was just inserted together in the background: work of the inserts, not of the windows.
  await mergesAtRest()
  await readWindows(store.reader, windowRows, now * 1000)
  const rounds = 20
  const windows = await measure(async () => {
    for (let round = 0; round < rounds; round++) await readWindows(store.reader, windowRows, now * 1000)
  })
  const result = {
    bench: 'evaluation',
    spans,
    slos: sloCount,
    shapes: plan.shapes.length,
    engine: store.version,
    counted,
    tick,
    scansOnly: again,
    idleTick: {
      what: 'nothing arrived for a minute',
      cpuSeconds: Math.round((idle.cpuSeconds / idleRounds) * 1000) / 1000,
    },
    windows: {
      what: `${windowSeconds.length} windows of ${sloCount} SLOs, totals from 31 days of days, hours and minutes, mean of ${rounds}`,
      cpuSeconds: Math.round((windows.cpuSeconds / rounds) * 1000) / 1000,
      wallSeconds: Math.round((windows.wallSeconds / rounds) * 1000) / 1000,
    },
    baseline: {
      what: `one query an SLO, measured on ${sample} SLOs and extrapolated to ${sloCount}`,
      measuredCpuSeconds: baseline.cpuSeconds,
      extrapolatedCpuSeconds: Math.round((baseline.cpuSeconds / sample) * sloCount * 10) / 10,
    },
    goal: { tickCpuSeconds: 1, windowsCpuSeconds: 0.1 },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
} finally {
  await store.close()
  rmSync(path, { recursive: true, force: true })
}
