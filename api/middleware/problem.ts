import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { asNinefoldError, type ErrorCode, NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'

/** HTTP status of the errors that the API itself raises or passes on; anything else is a 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  API_BAD_REQUEST: 400,
  API_UNAUTHENTICATED: 401,
  API_NOT_FOUND: 404,
  API_BODY_TOO_LARGE: 413,
  SPECS_INVALID: 422,
  STORE_UNAVAILABLE: 503,
  DISK_FULL: 503,
  BUS_CLOSED: 503,
}

/** Answers with an RFC 9457 problem document: a stable code, what happened, what to do. */
function sendProblem(response: Response, error: NinefoldError): void {
  const status = statuses[error.code] ?? 500
  const detail = status === 500 ? 'Something went wrong here; the log has more.' : error.message
  response.status(status).type('application/problem+json')
  if (error.retryable) response.set('retry-after', '2')
  response.send(
    JSON.stringify({
      type: 'about:blank',
      title: error.code.toLowerCase().replaceAll('_', ' '),
      status,
      code: error.code,
      detail,
      remedy: error.remedy,
      retryable: error.retryable,
    }),
  )
}

export const notFound: RequestHandler = (request, response) => {
  sendProblem(response, new NinefoldError('API_NOT_FOUND', `there is nothing at ${request.path}`))
}

export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const known = fromExpress(error)
    if ((statuses[known.code] ?? 500) >= 500) logger.error({ err: error, path: request.path }, 'a request failed')
    sendProblem(response, known)
  }
}

/** Express raises its own errors for bodies and paths that it cannot read, with a status and no code of ours. */
function fromExpress(error: unknown): NinefoldError {
  if (error instanceof NinefoldError || !(error instanceof Error) || !('status' in error)) return asNinefoldError(error)
  if (error.status === 413) return new NinefoldError('API_BODY_TOO_LARGE', 'the body is too large', { cause: error })
  if (typeof error.status === 'number' && error.status < 500) {
    return new NinefoldError('API_BAD_REQUEST', error.message, { cause: error })
  }
  return asNinefoldError(error)
}
