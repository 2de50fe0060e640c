import type { Response } from 'express'

/** Lines of JSON: how far a long piece of work is, and at last what came of it. */
export const linesType = 'application/x-ndjson'

/** From here on lines are sent; whatever goes wrong later is one of them. Harmless when they began already. */
export function startLines(response: Response): void {
  if (response.headersSent) return
  response.locals.sendsLines = true
  response.setHeader('Content-Type', linesType)
}
