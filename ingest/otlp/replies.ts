import type { NinefoldError } from '../../lib/errors.ts'
import type { TelemetrySignal } from '../bus/bus.ts'
import { type Answer, answers } from './answers.ts'
import type { BodyFormat } from './canonical-payload.ts'
import { WireWriter } from './wire-writer.ts'

/** A finished answer; the body is in the encoding of the request. */
export interface Reply {
  readonly status: number
  readonly body: Buffer
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
}

const contentTypes: Readonly<Record<BodyFormat, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}
const rejectedNames: Readonly<Record<TelemetrySignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
}

/** `Export…ServiceResponse`: empty on full success, with a partial success when something was refused or altered. */
export function successReply(
  format: BodyFormat,
  signal: TelemetrySignal,
  rejected: number,
  warnings: readonly string[],
): Reply {
  const errorMessage = warnings.join('; ')
  const whole = rejected === 0 && errorMessage === ''
  const reply = { status: 200, contentType: contentTypes[format], headers: {} }
  if (format === 'json') {
    const partial = { [rejectedNames[signal]]: String(rejected), errorMessage }
    return { ...reply, body: Buffer.from(JSON.stringify(whole ? {} : { partialSuccess: partial })) }
  }
  if (whole) return { ...reply, body: Buffer.alloc(0) }
  const writer = new WireWriter().tag(1, 2)
  const mark = writer.begin()
  if (rejected > 0) writer.tag(1, 0).varint(rejected)
  writer.tag(2, 2).string(errorMessage).end(mark)
  return { ...reply, body: writer.finish() }
}

const unexpected: Answer = { status: 500, rpc: 13, instead: 'the request could not be handled' }

function statusBody(format: BodyFormat, code: number, message: string): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify({ code, message, details: [] }))
  return new WireWriter().tag(1, 0).varint(code).tag(2, 2).string(message).finish()
}

/** What a sender is told: nothing of the inside of what is not about its payload. */
function told(error: NinefoldError) {
  const answer = answers[error.code] ?? unexpected
  const status = typeof error.details.status === 'number' ? error.details.status : answer.status
  return { answer, status, message: `${error.code}: ${answer.instead ?? error.message}. ${error.remedy}` }
}

/** `google.rpc.Status` with the code, what is wrong and what to do. */
export function errorReply(format: BodyFormat, error: NinefoldError): Reply {
  const { answer, status, message } = told(error)
  const seconds = answer.retryAfterSeconds
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  if (answer.status === 401) headers['www-authenticate'] = 'Bearer'
  if (answer.status === 405) headers.allow = 'POST'
  return { status, body: statusBody(format, answer.rpc, message), contentType: contentTypes[format], headers }
}

export interface GrpcRefusal {
  readonly code: number
  readonly message: string
  /** `google.rpc.Status`; where trying again makes sense with a `RetryInfo`, which is what tells an exporter to wait and send again. */
  readonly details: Buffer
  /** What OTLP/HTTP answers in the same case. */
  readonly httpStatus: number
}

export function grpcRefusal(error: NinefoldError): GrpcRefusal {
  const { answer, status, message } = told(error)
  const writer = new WireWriter().tag(1, 0).varint(answer.rpc).tag(2, 2).string(message)
  if (answer.retryAfterSeconds !== undefined) {
    const any = writer.tag(3, 2).begin()
    const retryInfo = writer.tag(1, 2).string('type.googleapis.com/google.rpc.RetryInfo').tag(2, 2).begin()
    const delay = writer.tag(1, 2).begin()
    writer.tag(1, 0).varint(answer.retryAfterSeconds)
    for (const mark of [delay, retryInfo, any]) writer.end(mark)
  }
  return { code: answer.rpc, message, details: writer.finish(), httpStatus: status }
}
