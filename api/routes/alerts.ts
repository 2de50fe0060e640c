import { z } from 'zod'
import type { Reports } from '../../compute/reports/reports.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import { presentEpisode, presentNotification } from '../present.ts'
import { deployment, episode, notification } from '../schemas/replies.ts'
import { deploymentRange, episodeFilter, noInput, notificationFilter } from '../schemas/requests.ts'

/** Alerts over all SLOs, what was sent because of them, and the deployments that may be to blame. */
export function alertEndpoints(reports: Reports): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/alerts',
      summary: 'Alert episodes, newest first',
      params: noInput,
      query: episodeFilter,
      reply: z.object({ alerts: z.array(episode) }),
      answer: async (_, { limit, slo, severity, state }) => {
        const filter = {
          limit,
          ...(slo === undefined ? {} : { slo }),
          ...(severity === undefined ? {} : { severity }),
          ...(state === undefined ? {} : { state }),
        }
        return { alerts: (await reports.episodes(filter)).map(presentEpisode) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/notifications',
      summary: 'What was sent to whom, newest first',
      params: noInput,
      query: notificationFilter,
      reply: z.object({ notifications: z.array(notification) }),
      answer: async (_, { limit, slo }) => {
        const records = await reports.notifications(slo === undefined ? { limit } : { slo, limit })
        return { notifications: records.map(presentNotification) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/deployments',
      summary: 'Versions of a service first seen within a range',
      params: noInput,
      query: deploymentRange,
      reply: z.object({ deployments: z.array(deployment) }),
      answer: async (_, { service, from, to }) => {
        const found = await reports.deployments(service, { fromMs: from, toMs: to })
        return { deployments: found.map(({ firstSeenMs, ...rest }) => ({ ...rest, firstSeen: isoTime(firstSeenMs) })) }
      },
    }),
  ]
}
