import { z } from 'zod'
import type { Reports, TimeRange } from '../../compute/reports/reports.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import {
  presentAttribution,
  presentBounds,
  presentCorrections,
  presentEpisode,
  presentKnownRange,
  presentPoint,
  presentSlo,
} from '../present.ts'
import { attribution, historyPoint, knownRangeReply, layerRow, layerSeries } from '../schemas/range-replies.ts'
import { correction, episode, layerName, slo, sloDetail } from '../schemas/replies.ts'
import {
  attributionWindow,
  historyRange,
  layerHistoryRange,
  layerRange,
  noInput,
  sloEpisodeFilter,
  sloName,
} from '../schemas/requests.ts'

/** SLOs: all with their status, one, its history, its layers, its alerts. */
export function sloEndpoints(reports: Reports): Endpoint[] {
  const specOf = (name: string) => reports.specs().slos.find(candidate => candidate.name === name)
  const rangeOf = async (name: string, range: TimeRange, stepSeconds?: number) =>
    presentKnownRange(range, await reports.known(name, range, stepSeconds))
  return [
    endpoint({
      method: 'get',
      path: '/slos',
      summary: 'All SLOs with their status, worst budget first',
      params: noInput,
      query: noInput,
      reply: z.object({ slos: z.array(slo) }),
      answer: async () => {
        const statuses = await reports.listStatuses()
        return { slos: statuses.map(status => presentSlo(status, specOf(status.name))) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}',
      summary: 'One SLO with its status',
      params: sloName,
      query: noInput,
      reply: sloDetail,
      answer: async ({ name }) => {
        const status = await reports.status(name)
        if (status === undefined) return undefined
        return { ...presentSlo(status, specOf(name)), bounds: presentBounds(await reports.bounds(name)) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}/history',
      summary: 'SLI, burn rate and remaining budget over time',
      params: sloName,
      query: historyRange,
      reply: z.object({
        ...knownRangeReply,
        stepSeconds: z.int(),
        points: z.array(historyPoint),
        corrections: z.array(correction),
      }),
      answer: async ({ name }, { from, to, step }) => {
        const spec = specOf(name)
        if (spec === undefined) return undefined
        const range = { fromMs: from, toMs: to }
        const points = await reports.history(name, { ...range, stepSeconds: step })
        const corrections = presentCorrections(spec, range)
        return {
          ...(await rangeOf(name, range, step)),
          stepSeconds: step,
          points: points.map(presentPoint),
          corrections,
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}/layers',
      summary: 'Counts by the values of one layer, worst first; they sum to the total',
      params: sloName,
      query: layerRange,
      reply: z.object({ ...knownRangeReply, by: layerName, rows: z.array(layerRow) }),
      answer: async ({ name }, { from, to, by }) => {
        if (specOf(name) === undefined) return undefined
        const range = { fromMs: from, toMs: to }
        return { ...(await rangeOf(name, range)), by, rows: await reports.layers(name, by, range) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}/attribution',
      summary: 'Who eats the budget: every layer at once, what a page would name first',
      params: sloName,
      query: attributionWindow,
      reply: attribution,
      answer: async ({ name }, { window, versions }) => {
        const read = await reports.attribution(name, window, versions === 'true')
        return read && { ...(await rangeOf(name, read)), ...presentAttribution(read) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}/layers/history',
      summary: 'SLI over time by the values of one layer',
      params: sloName,
      query: layerHistoryRange,
      reply: z.object({ ...knownRangeReply, stepSeconds: z.int(), by: layerName, series: z.array(layerSeries) }),
      answer: async ({ name }, { from, to, step, by }) => {
        if (specOf(name) === undefined) return undefined
        const range = { fromMs: from, toMs: to }
        const series = await reports.layerHistory(name, by, { ...range, stepSeconds: step })
        return {
          ...(await rangeOf(name, range, step)),
          stepSeconds: step,
          by,
          series: series.map(({ value, points }) => ({
            value,
            points: points.map(({ atMs, ...point }) => ({ at: isoTime(atMs), ...point })),
          })),
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/slos/{name}/alerts',
      summary: 'Alert episodes of one SLO, newest first',
      params: sloName,
      query: sloEpisodeFilter,
      reply: z.object({ alerts: z.array(episode) }),
      answer: async ({ name }, { limit }) => {
        if (specOf(name) === undefined) return undefined
        return { alerts: (await reports.episodes({ slo: name, limit })).map(presentEpisode) }
      },
    }),
  ]
}
