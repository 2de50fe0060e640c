import type { Request, RequestHandler, Response } from 'express'
import { createTokenCheck } from '../../lib/access.ts'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { type Producer, type TelemetrySignal, topics } from '../bus/bus.ts'
import type { Admission } from './admission.ts'
import { type BodyFormat, createPayloadReader, type PayloadReader } from './canonical-payload.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import { contentEncodingOf, inflateBody } from './inflate-body.ts'
import type { OtlpLimits } from './limits.ts'
import { readSentBody } from './read-body.ts'
import { errorReply, type Reply, successReply } from './replies.ts'

export interface RequestHandlerOptions {
  readonly producer: Producer
  readonly limits: OtlpLimits
  readonly tokens: readonly string[] | null
  readonly clock: Clock
  readonly logger: Logger
  readonly admission: Admission
  readonly metrics: GatewayMetrics
}

const signals = new Map<string, TelemetrySignal>([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
])

function formatOf(contentType: string | undefined): BodyFormat | null {
  const media = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (media === 'application/x-protobuf' || media === 'application/protobuf') return 'protobuf'
  return media === 'application/json' ? 'json' : null
}

/** Handles every request of the gateway: route, method, token, type, pressure, body, payload, bus, answer, in that order. */
export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  const reader = createPayloadReader(options.limits)
  const checkToken = createTokenCheck(options.tokens, 'OTLP_UNAUTHENTICATED')

  return async (request, response) => {
    const startedAt = performance.now()
    const signal = signals.get(request.path.replace(/\/$/, ''))
    const format = formatOf(request.headers['content-type'])
    let reply: Reply
    try {
      if (signal === undefined) throw new NinefoldError('OTLP_NOT_FOUND', `there is nothing at ${request.path}`)
      if (request.method !== 'POST') throw new NinefoldError('OTLP_METHOD_NOT_ALLOWED', `method ${request.method}`)
      checkToken(request.headers.authorization)
      if (format === null) {
        const sent = JSON.stringify((request.headers['content-type'] ?? '').slice(0, 100))
        throw new NinefoldError('OTLP_UNSUPPORTED_MEDIA_TYPE', `content-type ${sent}`)
      }
      reply = await accept(request, signal, format, reader, options)
    } catch (thrown) {
      const error = asNinefoldError(thrown)
      reply = errorReply(format ?? 'json', error)
      logRefusal(options.logger, error, reply.status, signal)
    }
    send(request, response, reply, options.limits)
    options.metrics.request(signal ?? 'none', reply.status, (performance.now() - startedAt) / 1000)
  }
}

async function accept(
  request: Request,
  signal: TelemetrySignal,
  format: BodyFormat,
  reader: PayloadReader,
  options: RequestHandlerOptions,
): Promise<Reply> {
  const encoding = contentEncodingOf(request.headers['content-encoding'])
  const reservation = options.admission.admit()
  try {
    const sent = await readSentBody(request, options.limits, reservation)
    const body = await inflateBody(sent, encoding, options.limits, reservation)
    const receivedAtMs = options.clock.now()
    const payload = reader.read(body, signal, format, receivedAtMs)
    // A request without items has nothing to keep; a record of it would only be empty work for the sink.
    if (payload.items > 0) {
      const source = request.socket.remoteAddress ?? 'unknown'
      await produce(options.producer, { topic: topics[signal], value: payload.value, receivedAtMs, source })
      options.metrics.accepted(signal, payload.items, payload.value.length, payload.rewritten)
    }
    if (payload.rejected > 0) options.metrics.rejected(signal, payload.rejected)
    return successReply(format, signal, payload.rejected, payload.warnings)
  } finally {
    reservation.release()
  }
}

/** A failure of the bus that is not one of ours says nothing about the payload: the sender keeps it and tries again. */
async function produce(producer: Producer, record: Parameters<Producer['produce']>[0]): Promise<void> {
  try {
    await producer.produce(record)
  } catch (cause) {
    if (cause instanceof NinefoldError) throw cause
    throw new NinefoldError('OTLP_BACK_PRESSURE', 'the bus could not keep the payload', {
      cause,
      details: { status: 503 },
    })
  }
}

function logRefusal(logger: Logger, error: NinefoldError, status: number, signal: TelemetrySignal | undefined): void {
  const fields = { code: error.code, status, signal: signal ?? 'none', ...error.details }
  if (status >= 500) logger.error({ ...fields, err: error }, 'OTLP request failed')
  else logger.debug({ ...fields, reason: error.message }, 'OTLP request refused')
}

function send(request: Request, response: Response, reply: Reply, limits: OtlpLimits): void {
  // What is left of a refused body is read and dropped, so that the sender sees the answer; but not without end.
  const announced = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  if (!request.complete && announced > 4 * limits.maxBodyBytes) response.setHeader('connection', 'close')
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  response.statusCode = reply.status
  response.setHeader('content-type', reply.contentType)
  response.setHeader('content-length', reply.body.length)
  response.end(reply.body)
}
