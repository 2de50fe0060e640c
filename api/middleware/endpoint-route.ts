import type { RequestHandler, Router } from 'express'
import type { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { exactJson } from '../../lib/exact-json.ts'
import type { Endpoint } from '../endpoint.ts'

/** Puts an endpoint on the router: checks what came, answers, and says API_NOT_FOUND for undefined. */
export function mountEndpoint(router: Router, definition: Endpoint): void {
  const path = definition.path.replace(/\{(\w+)\}/g, ':$1')
  const handler: RequestHandler = async (request, response) => {
    const params = check(definition.params, request.params, 'path')
    const query = check(definition.query, request.query, 'query')
    const answer = await definition.answer(params, query)
    if (answer === undefined)
      throw new NinefoldError('API_NOT_FOUND', `there is nothing at ${request.originalUrl.split('?')[0]}`)
    response.type('application/json').set('cache-control', 'no-store').send(exactJson(answer))
  }
  router[definition.method](path, handler)
}

/** All that is wrong with the request at once. */
function check(schema: z.ZodType, input: unknown, where: string): unknown {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${where} ${path.join('.') || '(all)'}: ${message}`)
  throw new NinefoldError('API_BAD_REQUEST', problems.join('; '))
}
