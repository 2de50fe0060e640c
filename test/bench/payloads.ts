import { gzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import { otlpSchema } from '../../lib/otlp-schema.ts'

/** Spans a payload and attributes a span and a resource, as the speed goals name them. */
export const spansPerPayload = 512

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
})

const resourceAttributes = (pod: number) => [
  attribute('service.name', `service-${pod % 8}`),
  attribute('service.version', '1.4.2'),
  attribute('cloud.region', pod % 2 === 0 ? 'eu-west-1' : 'us-east-1'),
  attribute('cloud.availability_zone', `zone-${pod % 6}`),
  attribute('k8s.cluster.name', `cluster-${pod % 2}`),
  attribute('k8s.node.name', `node-${pod % 12}`),
  attribute('k8s.pod.name', `pod-${pod}`),
]

const spanAttributes = (index: number) => [
  attribute('http.request.method', 'GET'),
  attribute('http.route', `/items/:id/${index % 16}`),
  attribute('url.path', `/items/${index}`),
  attribute('http.response.status_code', index % 997 === 0 ? 503 : 200),
  attribute('server.address', 'storefront.internal'),
  attribute('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'),
  attribute('network.protocol.version', '1.1'),
]

function randomId(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes))
}

export interface LoadPayload {
  readonly plain: Uint8Array
  readonly gzip: Uint8Array
  /** The same request with another id in its first span, in parts: what is sent twice byte for byte would be counted once. */
  another(): Readonly<Record<'plain' | 'gzip', readonly Uint8Array[]>>
}

const spanIdBytes = 8

/** Gzip members that follow each other are one stream. */
function withAnotherId(plain: Uint8Array, spanId: Uint8Array): LoadPayload['another'] {
  const at = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).indexOf(spanId)
  const [before, after] = [plain.subarray(0, at), plain.subarray(at + spanIdBytes)]
  const [packedBefore, packedAfter] = [before, after].map(part => gzipSync(part, { level: 1 }))
  return () => {
    const id = randomId(spanIdBytes)
    const packed = [packedBefore, gzipSync(id, { level: 0 }), packedAfter].filter(part => part !== undefined)
    return { plain: [before, id, after], gzip: packed }
  }
}

/** One Export request of 512 server spans with 7 + 7 attributes, starting at `startMs`, random ids and latencies. */
export function createPayloadFactory(): (pod: number, startMs: number) => LoadPayload {
  const request = protobuf.parse(otlpSchema).root.lookupType('ExportTraceServiceRequest')
  return (pod, startMs) => {
    const start = BigInt(Math.floor(startMs)) * 1_000_000n
    const spans = Array.from({ length: spansPerPayload }, (_, index) => {
      const begin = start + BigInt(index) * 900_000n
      return {
        traceId: randomId(16),
        spanId: randomId(8),
        parentSpanId: randomId(8),
        name: `GET /items/:id/${index % 16}`,
        kind: 2,
        startTimeUnixNano: begin.toString(),
        endTimeUnixNano: (begin + BigInt(2_000_000 + (index % 50) * 400_000)).toString(),
        attributes: spanAttributes(index),
        status: { code: 0 },
      }
    })
    const message = {
      resourceSpans: [
        {
          resource: { attributes: resourceAttributes(pod) },
          scopeSpans: [{ scope: { name: 'bench', version: '1' }, spans }],
        },
      ],
    }
    const plain = request.encode(request.fromObject(message)).finish()
    const firstId = spans[0]?.spanId ?? new Uint8Array(spanIdBytes)
    return { plain, gzip: gzipSync(plain, { level: 1 }), another: withAnotherId(plain, firstId) }
  }
}
