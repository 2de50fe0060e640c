import type { z } from 'zod'
import type { periodReport } from '../../schemas/period-replies.ts'
import type { deadLetter, pipelineHealth } from '../../schemas/pipeline-replies.ts'
import type { attribution, historyPoint, layerRow, layerSeries } from '../../schemas/range-replies.ts'
import type { ratio, ratioLayerRow, ratioPoint } from '../../schemas/ratio-replies.ts'
import type {
  correction,
  deployment,
  episode,
  knownData,
  notification,
  problem,
  slo,
  sloDetail,
} from '../../schemas/replies.ts'

/** What the API answers with, from the schemas that its document is made of. Types only: nothing of this reaches a browser. */
export type Slo = z.output<typeof slo>
export type SloDetail = z.output<typeof sloDetail>
export type SloState = Slo['status']
export type Correction = z.output<typeof correction>
/** A range that was asked for, and the part of it that is known. */
export interface KnownRange {
  readonly from: string
  readonly data: z.output<typeof knownData>
}
export type HistoryPoint = z.output<typeof historyPoint>
export type LayerRow = z.output<typeof layerRow>
export type Attribution = z.output<typeof attribution>
export type LayerSeries = z.output<typeof layerSeries>
export type Ratio = z.output<typeof ratio>
export type RatioPoint = z.output<typeof ratioPoint>
export type RatioLayerRow = z.output<typeof ratioLayerRow>
export type Episode = z.output<typeof episode>
export type Notification = z.output<typeof notification>
export type Deployment = z.output<typeof deployment>
export type Pipeline = z.output<typeof pipelineHealth>
export type DeadLetter = z.output<typeof deadLetter>
export type PeriodReply = z.output<typeof periodReport>
export type Problem = z.output<typeof problem>
