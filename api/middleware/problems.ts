import { randomUUID } from 'node:crypto'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import { asNinefoldError, type ErrorCode, NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { problem } from '../schemas/replies.ts'

type Problem = z.output<typeof problem>
export type ParameterProblem = NonNullable<Problem['errors']>[number]

/** HTTP statuses of codes; what is not listed is this side's fault. */
const statuses: Partial<Record<ErrorCode, number>> = {
  API_BAD_REQUEST: 400,
  API_UNAUTHENTICATED: 401,
  API_FORBIDDEN: 403,
  API_NOT_FOUND: 404,
  API_METHOD_NOT_ALLOWED: 405,
  API_BODY_TOO_LARGE: 413,
  BUS_RECORD_TOO_LARGE: 413,
  EVENTS_MALFORMED_BODY: 400,
  EVENTS_INVALID: 400,
  EVENTS_LIMIT_EXCEEDED: 413,
  EVENTS_UNSUPPORTED_MEDIA_TYPE: 415,
  SPECS_CONFLICT: 409,
  SPECS_INVALID: 422,
  API_NOT_READY: 503,
  STORE_UNAVAILABLE: 503,
  BUS_CLOSED: 503,
  BUS_WRITE_FAILED: 503,
  BUS_BACK_PRESSURE: 503,
  BUS_UNREACHABLE: 503,
  BUS_BROKER_ERROR: 503,
  BUS_ACCESS_DENIED: 503,
  BUS_TOPIC_MISSING: 503,
  DISK_FULL: 507,
}

const titles: Record<number, string> = {
  400: 'The request is not valid',
  401: 'A token is needed',
  403: 'Not allowed from here',
  404: 'There is no such thing',
  405: 'Not this method',
  409: 'Somebody else was first',
  413: 'Too large',
  415: 'Not this kind of content',
  422: 'The specs have errors',
  500: 'Something is wrong on this side',
  503: 'Not available right now',
  507: 'No space left',
}

/** An error as an RFC 9457 document. What an unexpected error says is for the log, not for the caller. */
function problemOf(error: NinefoldError): Problem {
  const { code, remedy, retryable } = error
  const status = statuses[code] ?? 500
  const errors = error.details.errors as readonly ParameterProblem[] | undefined
  const parts = error.details.parts as Problem['parts']
  return {
    type: `urn:ninefold:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[status] ?? 'Problem',
    status,
    code,
    detail: code === 'INTERNAL' ? 'an unexpected error; the log says more under the instance id' : error.message,
    remedy,
    retryable,
    instance: `urn:uuid:${randomUUID()}`,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(parts === undefined ? {} : { parts }),
  }
}

function sendProblem(response: Response, document: Problem): void {
  if (document.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  if (document.status === 503) response.setHeader('Retry-After', '2')
  response.status(document.status).setHeader('Content-Type', 'application/problem+json')
  response.send(Buffer.from(JSON.stringify(document)))
}

/** Without a line in the log: for what is asked every few seconds and is no failure of the request. */
export function answerProblem(response: Response, error: NinefoldError): void {
  sendProblem(response, problemOf(error))
}

export const notFound: RequestHandler = (request: Request) => {
  throw new NinefoldError('API_NOT_FOUND', `there is nothing at ${request.path}`)
}

/** Answers what was thrown; express's own refusals (bad encodings, too large bodies) become codes of the registry. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = fromExpress(error) ?? asNinefoldError(error)
    const document = problemOf(known)
    if (document.status >= 500)
      logger.error({ err: error, code: known.code, requestId: document.instance, path: request.path }, 'request failed')
    if (response.headersSent && response.locals.sendsLines === true) {
      response.end(`${JSON.stringify({ problem: document })}\n`)
      return
    }
    if (response.headersSent) return next(error)
    sendProblem(response, document)
  }
}

function fromExpress(error: unknown): NinefoldError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (error.status === 413) return new NinefoldError('API_BODY_TOO_LARGE', 'the body is too large', { cause: error })
  if (error.status >= 400 && error.status < 500)
    return new NinefoldError('API_BAD_REQUEST', 'the request cannot be read', { cause: error })
  return undefined
}
