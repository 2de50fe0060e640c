import type { Meter } from '@opentelemetry/api'
import type { RequestHandler } from 'express'
import type { Clock } from '../../lib/clock.ts'

/** Counts and times requests by route template, never by the path itself: names in paths are without bound. */
export function requestMetrics(meter: Meter, clock: Clock): RequestHandler {
  const requests = meter.createCounter('ninefold_api_requests_total', {
    description: 'Requests answered by the API and the viewer, by route and status',
  })
  const seconds = meter.createHistogram('ninefold_api_request_duration_seconds', {
    description: 'From request to reply',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  })
  return (_request, response, next) => {
    const startedMs = clock.now()
    response.on('finish', () => {
      const route = typeof response.locals.route === 'string' ? response.locals.route : 'other'
      requests.add(1, { route, status: response.statusCode })
      seconds.record((clock.now() - startedMs) / 1000, { route })
    })
    next()
  }
}
