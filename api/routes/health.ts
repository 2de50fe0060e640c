import { Router } from 'express'
import { NinefoldError } from '../../lib/errors.ts'
import { answerProblem } from '../middleware/problems.ts'

/** One thing that the process needs for its work. */
export interface PartHealth {
  readonly part: string
  readonly ready: boolean
  /** Why not; empty when it is ready. No names or addresses: whoever asks has shown no token. */
  readonly reason: string
}

/** Never rejects. */
export type ReadinessCheck = () => Promise<readonly PartHealth[]>

/** `/livez`: the process answers. `/readyz`: it can do its work, or 503 and which part cannot. Neither tells anything that needs a token. */
export function healthRouter(readiness: ReadinessCheck): Router {
  const router = Router()
  router.get('/livez', (_request, response) => {
    response.locals.route = 'GET /livez'
    response.json({ status: 'alive' })
  })
  router.get('/readyz', async (_request, response) => {
    response.locals.route = 'GET /readyz'
    const parts = await readiness()
    const missing = parts.filter(({ ready }) => !ready)
    if (missing.length === 0) {
      response.json({ status: 'ready', parts })
      return
    }
    const detail = `not ready: ${missing.map(({ part, reason }) => `${part} (${reason})`).join('; ')}`
    answerProblem(response, new NinefoldError('API_NOT_READY', detail, { details: { parts } }))
  })
  return router
}
