import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { z } from 'zod'
import { NinefoldError } from '../lib/errors.ts'
import type { Call, Endpoint, ReplyForm } from './endpoint.ts'
import { exactJson } from './exact-json.ts'
import type { ParameterProblem } from './middleware/problems.ts'
import { linesType, startLines } from './progress-lines.ts'
import type { ReplyCache } from './reply-cache.ts'

/** The endpoints as routes: input checked, everything wrong told at once, replies of reads remembered for a moment. */
export function endpointRouter(endpoints: readonly Endpoint[], cache: ReplyCache): Router {
  const router = Router({ caseSensitive: true })
  const methods = new Map<string, string[]>()
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1')
    router[endpoint.method](path, answer(endpoint, cache))
    methods.set(path, [...(methods.get(path) ?? []), endpoint.method.toUpperCase()])
  }
  for (const [path, allowed] of methods) router.all(path, methodNotAllowed(allowed))
  return router
}

function answer(endpoint: Endpoint, cache: ReplyCache): RequestHandler {
  return async (request, response) => {
    response.locals.route = `${endpoint.method.toUpperCase()} ${endpoint.path}`
    const { params, query } = readInput(endpoint, request.params, request.query)
    const body = endpoint.body === undefined ? undefined : readBody(endpoint.body, request.body)
    const wantsLines = endpoint.isLong === true && request.accepts(['application/json', linesType]) === linesType
    const make = async () => {
      const reply = await endpoint.answer(params, query, body, callOf(request, response, wantsLines))
      if (reply === undefined) throw missing(request.params)
      return exactJson(reply)
    }
    const text = endpoint.method === 'get' ? await cache.get(request.originalUrl, make) : await make()
    if (endpoint.method !== 'get') cache.clear()
    if (wantsLines) {
      startLines(response)
      response.end(`{"reply":${text}}\n`)
      return
    }
    const form = formOf(endpoint, query)
    if (form !== undefined) return sendForm(response, form, JSON.parse(text))
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.send(Buffer.from(text))
  }
}

function formOf({ forms = {} }: Endpoint, query: unknown): ReplyForm | undefined {
  const { format } = query as { readonly format?: string }
  return format === undefined || !Object.hasOwn(forms, format) ? undefined : forms[format]
}

async function sendForm(response: Response, form: ReplyForm, reply: unknown): Promise<void> {
  const file = await form.make(reply)
  response.setHeader('Content-Type', form.contentType)
  response.attachment(form.fileName(reply))
  response.send(Buffer.from(file))
}

function callOf(request: Request, response: Response, tellsProgress: boolean): Call {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableEnded)
      gone.abort(new NinefoldError('API_BAD_REQUEST', `${request.path}: nobody waits any more`))
  })
  return {
    signal: gone.signal,
    sent: {
      headers: request.headers,
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      remoteAddress: request.socket.remoteAddress ?? 'unknown',
    },
    progress: share => {
      if (!tellsProgress || gone.signal.aborted) return
      startLines(response)
      response.write(`${JSON.stringify({ progress: share })}\n`)
    },
  }
}

function missing(params: Record<string, unknown>): NinefoldError {
  const [[name, value] = ['name', '']] = Object.entries(params)
  return new NinefoldError('API_NOT_FOUND', `there is none with ${name} ${JSON.stringify(value)}`)
}

function readInput(endpoint: Endpoint, rawParams: unknown, rawQuery: unknown) {
  const params = endpoint.params.safeParse(rawParams)
  const query = endpoint.query.safeParse(rawQuery)
  if (params.success && query.success) return { params: params.data, query: query.data }
  const errors = [...problemsOf('path', params.error), ...problemsOf('query', query.error)]
  const detail = errors.map(({ parameter, message }) => (parameter === '' ? message : `${parameter}: ${message}`))
  throw new NinefoldError('API_BAD_REQUEST', detail.join('; '), { details: { errors } })
}

function readBody(shape: z.ZodType, sent: unknown): unknown {
  const text = Buffer.isBuffer(sent) ? sent.toString('utf8') : ''
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new NinefoldError('API_BAD_REQUEST', 'the body is not JSON', { cause: error })
  }
  const body = shape.safeParse(value)
  if (body.success) return body.data
  const errors = problemsOf('body', body.error)
  const detail = errors.map(({ parameter, message }) => `${parameter}: ${message}`)
  throw new NinefoldError('API_BAD_REQUEST', detail.join('; '), { details: { errors } })
}

function problemsOf(where: ParameterProblem['in'], error: z.ZodError | undefined): ParameterProblem[] {
  return (error?.issues ?? []).flatMap(issue => {
    // zod tells all unknown keys in one issue of the object; each is a parameter of its own.
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(parameter => ({ in: where, parameter, message: 'is not known here' }))
    return [{ in: where, parameter: issue.path.join('.'), message: issue.message }]
  })
}

function methodNotAllowed(allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.setHeader('Allow', allowed.join(', '))
    throw new NinefoldError('API_METHOD_NOT_ALLOWED', `${request.method} is not possible here`)
  }
}
