import { createPayloadReader } from '../../ingest/otlp/canonical-payload.ts'
import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import { Walker } from '../../ingest/otlp/walk.ts'
import { createWireTable } from '../../ingest/otlp/wire-table.ts'
import { encode, root, tracesPayload } from '../ingest/otlp/sample-payloads.ts'

/**
 * How fast the gateway's walk goes over OTLP bytes on one core, beside a protobuf library's decode of the same bytes in the
 * same run; and the same spans with an array in their resource, as the SDK for Node sends them, which are rewritten, beside
 * the library's decode and encode. `node test/bench/gateway-walk.ts [seconds]` prints one JSON object.
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
// A second resource with nothing but an array: the whole payload has to be copied with that value changed.
const argv = { key: 'process.command_args', value: { array_value: { values: [{ string_value: 'node' }] } } }
const marker = encode('ExportTraceServiceRequest', { resource_spans: [{ resource: { attributes: [argv] } }] })
const exotic = Buffer.concat([payload, marker])
const reader = createPayloadReader(defaultOtlpLimits)
const rewriteOnce = () => void reader.read(exotic, 'traces', 'protobuf', 1_795_464_000_000)
const recode = () => void library.encode(library.decode(exotic)).finish()
megabytesPerSecond(exotic.length, seconds / 3, rewriteOnce)

const walkRate = megabytesPerSecond(payload.length, seconds, walk)
const decodeRate = megabytesPerSecond(payload.length, seconds, decode)

const result = {
  bench: 'gateway-walk',
  payload: { spans, bytes: payload.length, attributes: '7 span + 7 resource' },
  unit: 'MB per CPU-second',
  walk: walkRate,
  protobufjsDecode: decodeRate,
  walkRewriteWalk: megabytesPerSecond(exotic.length, seconds, rewriteOnce),
  protobufjsDecodeEncode: megabytesPerSecond(exotic.length, seconds, recode),
  walkSpansPerCpuSecond: Math.round((walkRate * 1e6 * spans) / payload.length),
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
