import { z } from 'zod'
import type { RatioReports, RatioStatus } from '../../compute/reports/ratio-reports.ts'
import { formatDuration } from '../../lib/durations.ts'
import type { RatioSide } from '../../slo-specs/schema/model.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import { presentData, presentKnownRange } from '../present.ts'
import { knownRangeReply } from '../schemas/range-replies.ts'
import { ratio, ratioLayerRow, ratioPoint } from '../schemas/ratio-replies.ts'
import { layerName } from '../schemas/replies.ts'
import { historyRange, layerRange, noInput, ratioName } from '../schemas/requests.ts'

/** Ratios: all with their values, one, its history, its layers. */
export function ratioEndpoints(reports: RatioReports): Endpoint[] {
  const isKnown = (name: string) => reports.ratios().some(each => each.name === name)
  return [
    endpoint({
      method: 'get',
      path: '/ratios',
      summary: 'All ratios with their values over the last hour, day and 30 days, by name',
      params: noInput,
      query: noInput,
      reply: z.object({ ratios: z.array(ratio) }),
      answer: async () => ({ ratios: (await reports.list()).map(presentRatio) }),
    }),
    endpoint({
      method: 'get',
      path: '/ratios/{name}',
      summary: 'One ratio with its values',
      params: ratioName,
      query: noInput,
      reply: ratio,
      answer: async ({ name }) => {
        const status = await reports.status(name)
        return status && presentRatio(status)
      },
    }),
    endpoint({
      method: 'get',
      path: '/ratios/{name}/history',
      summary: 'The ratio over time, each step from all its events',
      params: ratioName,
      query: historyRange,
      reply: z.object({ ...knownRangeReply, stepSeconds: z.int(), points: z.array(ratioPoint) }),
      answer: async ({ name }, { from, to, step }) => {
        if (!isKnown(name)) return undefined
        const range = { fromMs: from, toMs: to }
        const points = await reports.history(name, { ...range, stepSeconds: step })
        return {
          ...presentKnownRange(range, await reports.known(name, range, step)),
          stepSeconds: step,
          points: points.map(({ atMs, ...point }) => ({ at: isoTime(atMs), ...point })),
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/ratios/{name}/layers',
      summary: 'The ratio by the values of one layer, the greatest denominator first',
      params: ratioName,
      query: layerRange,
      reply: z.object({ ...knownRangeReply, by: layerName, rows: z.array(ratioLayerRow) }),
      answer: async ({ name }, { from, to, by }) => {
        if (!isKnown(name)) return undefined
        const range = { fromMs: from, toMs: to }
        const rows = await reports.layers(name, by, range)
        return { ...presentKnownRange(range, await reports.known(name, range)), by, rows }
      },
    }),
  ]
}

function presentRatio({ ratio: spec, windows }: RatioStatus) {
  const { numerator, denominator, position: _, ...rest } = spec
  return {
    ...rest,
    numerator: presentSide(numerator),
    denominator: presentSide(denominator),
    windows: windows.map(({ fromMs, toMs, data, ...window }) => ({
      window: formatDuration(window.windowSeconds),
      from: isoTime(fromMs),
      to: isoTime(toMs),
      data: presentData(data),
      ...window,
    })),
  }
}

function presentSide({ signal, filter, aggregateText }: RatioSide) {
  return { signal, filter: filter.text, aggregate: aggregateText }
}
