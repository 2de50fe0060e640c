import { z } from 'zod'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { dashboardSummary } from '../schemas/replies.ts'
import { byUid, noInput } from '../schemas/requests.ts'

/** A Grafana dashboard; `json` is Grafana's own. */
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly json: unknown
}

/** The Grafana dashboards as they are generated from the specs in force. */
export interface DashboardCatalogue {
  list(): readonly Dashboard[]
}

export function dashboardEndpoints(catalogue: DashboardCatalogue): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/dashboards',
      summary: 'The Grafana dashboards made from the specs',
      params: noInput,
      query: noInput,
      reply: z.object({ dashboards: z.array(dashboardSummary) }),
      answer: async () => ({
        dashboards: catalogue.list().map(({ uid, title, description }) => ({ uid, title, description })),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/dashboards/{uid}',
      summary: "One dashboard in Grafana's JSON",
      params: byUid,
      query: noInput,
      reply: z.looseObject({ uid: z.string() }),
      answer: async ({ uid }) => catalogue.list().find(board => board.uid === uid)?.json,
    }),
  ]
}
