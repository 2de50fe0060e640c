import { formatRatio } from '../compute/budget/format.ts'
import type { BacktestAnswer } from './backtest-reply.ts'
import type { ApiClient } from './instance/running-instance.ts'
import { type NewSlo, newSloText } from './new-slo-text.ts'

/** Objectives that people choose from, in percent, strictest first. */
const usualObjectives = ['99.999', '99.99', '99.95', '99.9', '99.5', '99', '98', '95', '90', '75', '50'] as const
/** What is proposed where there is no history. */
const blindObjective = '99'

export interface Proposal {
  readonly objective: string
  /** Why. */
  readonly reason: string
}

/** The strictest usual objective that the last 30 days would have kept. */
export async function proposeObjective(api: ApiClient, slo: Omit<NewSlo, 'objective'>): Promise<Proposal> {
  const text = newSloText({ ...slo, objective: blindObjective, isKnownService: false })
  const body = { files: [{ file: 'new.yaml', text }] }
  const { backtest } = (await api.post('/api/v1/specs:backtest', body)) as BacktestAnswer
  const [tested] = backtest?.slos ?? []
  const today = tested?.today
  if (backtest === null || today === undefined || today.sli === null) return withoutHistory
  const sli = today.sli
  const objective = usualObjectives.find(percent => sli >= Number(percent) / 100)
  const gave = `the last ${tested?.window ?? ''} gave ${formatRatio(sli, { digits: 3 })} of ${today.valid} requests`
  if (objective === undefined) return { objective: usualObjectives.at(-1) ?? blindObjective, reason: gave }
  return { objective, reason: gave }
}

export const withoutHistory: Proposal = {
  objective: blindObjective,
  reason: 'there is no history of such requests yet',
}
