import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import protobuf from 'protobufjs'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { otelTracesInsert } from '../../store/tables/otel-traces.ts'
import { recordSchema } from '../../store/tables/payload-structure.ts'
import { defaultLayerSources } from '../factories/store.ts'
import { createPayloadFactory, spansPerPayload } from './payloads.ts'
import { spanRow } from './span-row.ts'

/**
 * How many spans a CPU-second turns from bytes on disk into rows, with 7 span and 7 resource attributes: by the engine's own reader, and
 * beside it by decoding in JavaScript and inserting JSON lines. `node test/bench/engine-insert.ts [payloads] [rounds]` prints one
 * JSON object. CPU is the whole process's, so it holds what merges took meanwhile.
 */
const payloads = Number(process.argv[2] ?? 200)
const rounds = Number(process.argv[3] ?? 7)
const spans = payloads * spansPerPayload

const folder = mkdtempSync(join(tmpdir(), 'ninefold-engine-insert-'))
const staged = join(folder, 'staged.bin')
const record = protobuf.parse(recordSchema).root.lookupType('TraceRecord')
const request = record.root.lookupType('ExportTraceServiceRequest')
const make = createPayloadFactory()
const bodies = Array.from({ length: payloads }, (_, pod) => make(pod % 64, Date.now()).plain)
const records = bodies.map((body, offset) => {
  const envelope = { recordOffset: offset, receivedAt: String(Date.now()), payload: request.decode(body) }
  return record.encodeDelimited(record.fromObject(envelope)).finish()
})
writeFileSync(staged, Buffer.concat(records))

const store = await createStore({ kind: 'embedded', path: join(folder, 'store') })
await migrate(store.writer, { nowMs: Date.now() })
const insert = otelTracesInsert(defaultLayerSources)
const run = (sql: string) => store.compute.execute({ name: 'bench', sql, params: z.object({}) }, {})

async function measure(name: string, spansEach: number, work: (round: number) => Promise<void>, times = rounds) {
  const cpuSeconds: number[] = []
  const wallSeconds: number[] = []
  for (let round = 0; round < times; round++) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    await work(round)
    const { user, system } = process.cpuUsage(cpu)
    cpuSeconds.push((user + system) / 1e6)
    wallSeconds.push((performance.now() - started) / 1000)
  }
  const sorted = cpuSeconds.toSorted((a, b) => a - b)
  const perSecond = (seconds: number | undefined) => Math.round(spansEach / (seconds ?? Number.NaN))
  return {
    name,
    spansPerCpuSecond: { median: perSecond(sorted[Math.floor(times / 2)]), best: perSecond(sorted[0]) },
    wallMs: Math.round((wallSeconds.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0) * 1000),
  }
}

const byEngine = (name: string) =>
  measure(name, spans, round => store.payloads.insertPayloads(insert, staged, `${name}/${round}`))

const check = await measure('decode only, rows thrown away', spans, () => store.payloads.checkPayloads(insert, staged))
const shipped = await byEngine('as shipped: three views, synced')
await run('SYSTEM STOP MERGES')
const withoutMerges = await byEngine('without merges')
await run('ALTER TABLE otel_traces MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0')
await run('ALTER TABLE arrivals MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0')
const unsynced = await byEngine('without merges, not synced')
await run('DROP VIEW otel_traces_trace_id_ts_mv')
await run('DROP VIEW arrivals_traces_mv')
await run('DROP VIEW arrivals_synthetics_mv')
const bare = await byEngine('without merges, not synced, without views')

const few = bodies.slice(0, Math.ceil(payloads / 10))
const baseline = await measure(
  'baseline: protobufjs, then JSON lines; without merges, not synced, without views',
  few.length * spansPerPayload,
  async () => {
    const lines = few.flatMap(body => spanRow(request.decode(body)).map(row => JSON.stringify(row)))
    await run(`INSERT INTO otel_traces FORMAT JSONEachRow\n${lines.join('\n')}`)
  },
  Math.min(rounds, 3),
)

const result = {
  bench: 'engine-insert',
  engine: store.version,
  payload: { spans, spansPerPayload, attributes: '7 span + 7 resource', bytes: Buffer.concat(records).length },
  results: [check, shipped, withoutMerges, unsynced, bare, baseline],
}
await store.close()
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
process.exit()
