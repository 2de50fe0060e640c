import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bus, type BusRecord, type TelemetrySignal, topics } from '../../../ingest/bus/bus.ts'
import { openSegmentLog } from '../../../ingest/bus/segment-log/segment-log.ts'
import { createPayloadReader } from '../../../ingest/otlp/canonical-payload.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { leaseOf } from '../../factories/bus.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'
import { post, startGateway } from './gateway-under-test.ts'
import { mutate, mutations } from './mutations.ts'
import { countItems, decode, everyField, requestTypes, tracesPayload } from './sample-payloads.ts'

/** Behind the gateway stand the real segment log and the real engine. */

let under: StoreUnderTest
let folder: string
const inserts = payloadInserts(defaultLayerSources)
const signals = ['traces', 'logs', 'metrics'] as const

beforeAll(async () => {
  under = await openStoreUnderTest()
  folder = mkdtempSync(join(tmpdir(), 'ninefold-otlp-'))
})
afterAll(async () => {
  await under.close()
  rmSync(folder, { recursive: true, force: true })
})

async function recordsOf(bus: Bus, signal: TelemetrySignal): Promise<BusRecord[]> {
  const lease = leaseOf(bus, topics[signal])
  const batch = await lease.read(0n, { maxBytes: 1 << 30, maxRecords: 1 << 20 })
  if (batch === null) return []
  const records: BusRecord[] = []
  for await (const record of lease.readRecords(batch.first, batch.last)) records.push(record)
  return records
}

it('what was answered 2xx is on disk, byte for byte, when the log is opened again', async () => {
  const directory = join(folder, 'reopened')
  const bus = await openSegmentLog({ directory })
  const gateway = await startGateway(bus.producer)
  const payloads = Array.from({ length: 40 }, (_, at) => tracesPayload(at + 1))
  const sent = await Promise.all(payloads.map(payload => post(`${gateway.address}/v1/traces`, payload)))
  expect(sent.every(({ status }) => status === 200)).toBe(true)
  await gateway.close()
  await bus.close()

  const again = await openSegmentLog({ directory })
  const records = await recordsOf(again, 'traces')
  const bySize = records.map(record => Buffer.from(record.value)).sort((a, b) => a.length - b.length)
  expect(bySize.length).toBe(payloads.length)
  for (const [at, value] of bySize.entries()) expect(Buffer.compare(value, payloads[at] ?? Buffer.alloc(0))).toBe(0)
  await again.close()
})

it('every damaged payload that the gateway accepts is one that the engine reads, item for item', async () => {
  const reader = createPayloadReader(defaultOtlpLimits)
  const bus = await openSegmentLog({ directory: join(folder, 'damaged') })
  for (const signal of signals) {
    let items = 0
    const accepted: Uint8Array[] = []
    for (const changes of fc.sample(mutations, 4000)) {
      try {
        const payload = reader.read(mutate(everyField[signal], changes), signal, 'protobuf', Date.now())
        items += payload.items
        accepted.push(payload.value)
      } catch (error) {
        if (!(error instanceof NinefoldError) || !error.code.startsWith('OTLP_')) throw error
      }
    }
    expect(accepted.length).toBeGreaterThan(500)
    const receivedAtMs = Date.now()
    await Promise.all(
      accepted.map(value =>
        // Some are damaged to the same bytes; each is meant.
        bus.producer.produce({ topic: topics[signal], value, receivedAtMs, source: 'test', isDistinct: true }),
      ),
    )
    const counted = (await recordsOf(bus, signal)).map(record => countItems(decode(requestTypes[signal], record.value)))
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(items)
    const batch = await leaseOf(bus, topics[signal]).read(0n, {
      maxBytes: 1 << 30,
      maxRecords: 1 << 20,
    })
    const file = join(folder, `${signal}.bin`)
    await batch?.stage(file)
    for (const insert of inserts[signal]) await under.store.payloads.insertPayloads(insert, file, insert.table)
    expect(await rowsOf(signal, file)).toBe(items)
  }
  await bus.close()
})

/** How many rows the engine makes of a staged batch, over all tables of the signal. */
async function rowsOf(signal: TelemetrySignal, file: string): Promise<number> {
  let rows = 0
  for (const insert of inserts[signal]) {
    const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    const source = `file(${quoted(file)}, Protobuf, ${quoted(insert.structure)})`
    const settings = `format_schema_source = 'string', format_schema = ${quoted(insert.protobufSchema)}, format_schema_message_name = '${insert.messageName}'`
    const [row] = await under.rows(
      `SELECT toString(count()) AS rows FROM (${insert.select.replace('{source}', () => source)}) SETTINGS ${settings}`,
    )
    rows += Number(row?.rows)
  }
  return rows
}
