import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import { Walker } from '../../ingest/otlp/walk.ts'
import { createWireTable } from '../../ingest/otlp/wire-table.ts'
import { root, tracesPayload } from '../ingest/otlp/sample-payloads.ts'

/**
 * How fast the gateway's walk goes over OTLP bytes on one core, beside a protobuf library's decode of the same bytes in the
 * same run. `node test/bench/gateway-walk.ts [seconds]` prints one JSON object.
 */

function megabytesPerSecond(bytes: number, seconds: number, work: () => void): number {
  const until = performance.now() + seconds * 1000
  const before = process.cpuUsage()
  let rounds = 0
  while (performance.now() < until) {
    work()
    rounds++
  }
  const { user, system } = process.cpuUsage(before)
  return Math.round(((bytes * rounds) / (user + system)) * 10) / 10
}

const seconds = Number(process.argv[2] ?? 3)
const spans = 512
const payload = tracesPayload(spans)
const table = createWireTable()
const walker = new Walker(table, defaultOtlpLimits)
const rootMessage = table.index('ExportTraceServiceRequest')
const library = root.lookupType('ExportTraceServiceRequest')

const walk = () => void walker.walk(payload, rootMessage)
const decode = () => void library.decode(payload)
megabytesPerSecond(payload.length, seconds / 3, walk)
megabytesPerSecond(payload.length, seconds / 3, decode)
const walkRate = megabytesPerSecond(payload.length, seconds, walk)
const decodeRate = megabytesPerSecond(payload.length, seconds, decode)

const result = {
  bench: 'gateway-walk',
  payload: { spans, bytes: payload.length, attributes: '7 span + 7 resource' },
  unit: 'MB per CPU-second',
  walk: walkRate,
  protobufjsDecode: decodeRate,
  walkSpansPerCpuSecond: Math.round((walkRate * 1e6 * spans) / payload.length),
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
