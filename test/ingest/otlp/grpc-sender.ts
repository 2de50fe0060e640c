import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { expect } from 'vitest'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'

/** A sender of OTLP/gRPC over the library's own client, which shows the whole answer. */

export const paths = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const

export const { root: answerTypes } = protobuf.parse(
  `syntax = "proto3";
message Duration { int64 seconds = 1; int32 nanos = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Any { string type_url = 1; bytes value = 2; }
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Partial { int64 rejected = 1; string error_message = 2; }
message Response { Partial partial_success = 1; }`,
  { keepCase: true },
)

/** To be closed by its test. */
export function openGrpcClient(gateway: ListeningGateway, options: Record<string, number> = {}): Client {
  return new Client(gateway.address.replace('http://', ''), credentials.createInsecure(), options)
}

const same = (bytes: Buffer): Buffer => bytes

export interface GrpcAnswer {
  readonly code: number
  readonly details: string
  /** Seconds until it makes sense to try again, from the status' RetryInfo. */
  readonly retrySeconds: number | null
  readonly body: Buffer
}

export function send(
  client: Client,
  path: string,
  payload: Uint8Array,
  headers: Record<string, string> = {},
): Promise<GrpcAnswer> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return new Promise(resolve => {
    client.makeUnaryRequest(path, same, same, Buffer.from(payload), metadata, (error, body) =>
      resolve(
        error === null ? { code: 0, details: '', retrySeconds: null, body: body ?? Buffer.alloc(0) } : told(error),
      ),
    )
  })
}

function told({ code, details, metadata }: ServiceError): GrpcAnswer {
  const [packed] = metadata.get('grpc-status-details-bin')
  const plain = (type: string, bytes: Uint8Array) =>
    answerTypes.lookupType(type).toObject(answerTypes.lookupType(type).decode(bytes), { longs: Number })
  const answer = { code, details, retrySeconds: null, body: Buffer.alloc(0) }
  if (!Buffer.isBuffer(packed)) return answer
  const rich = plain('Status', packed)
  expect({ code: rich.code, message: rich.message }).toEqual({ code, message: details })
  const [any] = rich.details ?? []
  if (any === undefined) return answer
  expect(any.type_url).toBe('type.googleapis.com/google.rpc.RetryInfo')
  return { ...answer, retrySeconds: plain('RetryInfo', any.value).retry_delay.seconds }
}
