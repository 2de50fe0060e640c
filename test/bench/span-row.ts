import type protobuf from 'protobufjs'

interface KeyValue {
  readonly key: string
  readonly value: { stringValue?: string; intValue?: unknown; doubleValue?: number; boolValue?: boolean }
}
interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string }
      readonly spans: readonly {
        readonly traceId: Buffer
        readonly spanId: Buffer
        readonly parentSpanId: Buffer
        readonly name: string
        readonly startTimeUnixNano: { toString(): string }
        readonly endTimeUnixNano: { toString(): string }
        readonly attributes: readonly KeyValue[]
      }[]
    }[]
  }[]
}

function attributeMap(attributes: readonly KeyValue[]): Record<string, string> {
  const map: Record<string, string> = {}
  for (const { key, value } of attributes) {
    map[key] = value.stringValue ?? String(value.intValue ?? value.doubleValue ?? value.boolValue ?? '')
  }
  return map
}

/** Rows of otel_traces from a decoded request, as a consumer in JavaScript would make them: the baseline of engine-insert. */
export function spanRow(message: protobuf.Message): Record<string, unknown>[] {
  const request = message as unknown as DecodedRequest
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const ResourceAttributes = attributeMap(resource.attributes)
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(span => {
        const start = BigInt(span.startTimeUnixNano.toString())
        return {
          // The engine reads a number for DateTime64(9) as nanoseconds.
          Timestamp: start.toString(),
          TraceId: span.traceId.toString('hex'),
          SpanId: span.spanId.toString('hex'),
          ParentSpanId: span.parentSpanId.toString('hex'),
          SpanName: span.name,
          SpanKind: 'Server',
          ServiceName: ResourceAttributes['service.name'],
          ResourceAttributes,
          ScopeName: scope.name,
          ScopeVersion: scope.version,
          SpanAttributes: attributeMap(span.attributes),
          Duration: (BigInt(span.endTimeUnixNano.toString()) - start).toString(),
          StatusCode: 'Unset',
        }
      }),
    )
  })
}
