import type { Request, RequestHandler, Response } from 'express'
import { createTokenCheck } from '../../lib/access.ts'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { TelemetrySignal } from '../bus/bus.ts'
import { type AcceptPayload, logRefusal } from './accept-payload.ts'
import type { Admission } from './admission.ts'
import type { BodyFormat } from './canonical-payload.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import { contentEncodingOf, inflateBody } from './inflate-body.ts'
import type { OtlpLimits } from './limits.ts'
import { readSentBody } from './read-body.ts'
import { errorReply, type Reply, successReply } from './replies.ts'

export interface RequestHandlerOptions {
  readonly accept: AcceptPayload
  readonly limits: OtlpLimits
  readonly tokens: readonly string[] | null
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
      reply = await takeIn(request, signal, format, options)
    } catch (thrown) {
      const error = asNinefoldError(thrown)
      reply = errorReply(format ?? 'json', error)
      logRefusal(options.logger, error, reply.status, signal)
    }
    send(request, response, reply, options.limits)
    options.metrics.request(signal ?? 'none', reply.status, (performance.now() - startedAt) / 1000)
  }
}

async function takeIn(
  request: Request,
  signal: TelemetrySignal,
  format: BodyFormat,
  options: RequestHandlerOptions,
): Promise<Reply> {
  const encoding = contentEncodingOf(request.headers['content-encoding'])
  const reservation = options.admission.admit()
  try {
    const sent = await readSentBody(request, options.limits, reservation)
    const body = await inflateBody(sent, encoding, options.limits, reservation)
    const source = request.socket.remoteAddress ?? 'unknown'
    const { rejected, warnings } = await options.accept({ body, signal, format, source })
    return successReply(format, signal, rejected, warnings)
  } finally {
    reservation.release()
  }
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
