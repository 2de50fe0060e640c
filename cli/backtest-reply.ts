import type { Finding } from '../lib/findings.ts'
import type { PlannedSide } from './plan-reply.ts'

/** What `POST /api/v1/specs:backtest` answers, as far as commands read it. */
export interface BacktestReply {
  readonly revision: string
  readonly from: string
  readonly to: string
  readonly slos: readonly BacktestedSlo[]
}

export interface BacktestedSlo extends PlannedSide {
  readonly name: string
  readonly service: string
  readonly window: string
}

export interface BacktestAnswer {
  readonly findings: readonly Finding[]
  readonly backtest: BacktestReply | null
}
