import { z } from 'zod'
import type { PanelData, PanelReport, PanelRequest } from '../../compute/reports/panel-report.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import { dashboardSummary, panelData } from '../schemas/replies.ts'
import { byPanel, byUid, noInput, panelQuery } from '../schemas/requests.ts'

interface DashboardPanel {
  readonly id: number
  readonly title: string
  readonly description: string
  /** Grafana's unit id. */
  readonly unit: string
  readonly report: PanelReport
}

/** A Grafana dashboard; `json` is Grafana's own. */
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly panels: readonly DashboardPanel[]
  readonly json: unknown
}

/** The Grafana dashboards as they are generated from the specs in force. */
export interface DashboardCatalogue {
  list(): readonly Dashboard[]
  /** What a panel shows, answered without Grafana. */
  read(report: PanelReport, request: PanelRequest): Promise<PanelData>
}

export function dashboardEndpoints(catalogue: DashboardCatalogue): Endpoint[] {
  const find = (uid: string) => catalogue.list().find(board => board.uid === uid)
  return [
    endpoint({
      method: 'get',
      path: '/dashboards',
      summary: 'The Grafana dashboards made from the specs',
      params: noInput,
      query: noInput,
      reply: z.object({ dashboards: z.array(dashboardSummary) }),
      answer: async () => ({
        dashboards: catalogue.list().map(({ uid, title, description, panels }) => ({
          uid,
          title,
          description,
          panels: panels.map(presentPanel),
        })),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/dashboards/{uid}',
      summary: "One dashboard in Grafana's JSON",
      params: byUid,
      query: noInput,
      reply: z.looseObject({ uid: z.string() }),
      answer: async ({ uid }) => find(uid)?.json,
    }),
    endpoint({
      method: 'get',
      path: '/dashboards/{uid}/panels/{id}/data',
      summary: 'What one panel of a dashboard shows, without Grafana',
      params: byPanel,
      query: panelQuery,
      reply: panelData,
      answer: async ({ uid, id }, { from, to, ...variables }) => {
        const board = find(uid)
        if (board === undefined) return undefined
        const panel = board.panels.find(each => each.id === id)
        if (panel === undefined) throw new NinefoldError('API_NOT_FOUND', `the dashboard ${uid} has no panel ${id}`)
        const { 'var-slo': slo, 'var-ratio': ratio } = variables
        const data = await catalogue.read(panel.report, {
          range: { fromMs: from, toMs: to },
          layer: variables['var-layer'],
          services: variables['var-service'],
          ...(slo === undefined ? {} : { slo }),
          ...(ratio === undefined ? {} : { ratio }),
        })
        return { ...presentPanel(panel), from: isoTime(from), to: isoTime(to), ...presentData(data) }
      },
    }),
  ]
}

const presentPanel = ({ id, title, description, unit }: DashboardPanel) => ({ id, title, description, unit })

function presentData({ columns, rows, ...rest }: PanelData) {
  const isTime = columns.map(({ type }) => type === 'time')
  const present = rows.map(row =>
    row.map((cell, index) => (isTime[index] && cell !== null ? isoTime(Number(cell)) : cell)),
  )
  return { ...rest, columns, rows: present }
}
