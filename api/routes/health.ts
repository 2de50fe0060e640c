import { Router } from 'express'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'

/** `/livez`: the process answers. `/readyz`: it can do its work. Neither tells anything that needs a token. */
export function healthRouter(ready: () => Promise<void>): Router {
  const router = Router()
  router.get('/livez', (_request, response) => {
    response.locals.route = 'GET /livez'
    response.json({ status: 'alive' })
  })
  router.get('/readyz', async (_request, response) => {
    response.locals.route = 'GET /readyz'
    try {
      await ready()
    } catch (cause) {
      throw new NinefoldError('API_NOT_READY', `not ready (${asNinefoldError(cause).code})`, { cause })
    }
    response.json({ status: 'ready' })
  })
  return router
}
