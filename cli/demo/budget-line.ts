import { formatBurnRate, formatRatio } from '../../compute/budget/format.ts'

interface SloReply {
  readonly window: { readonly text: string }
  readonly errorBudget: { readonly remainingRatio: number }
  readonly burnRates: readonly { readonly window: string; readonly rate: number | null }[]
}

/** How an SLO stands, in one line, from the instance's own API; undefined when it does not answer. */
export async function describeBudget(apiUrl: string, slo: string): Promise<string | undefined> {
  const response = await fetch(`${apiUrl}/api/v1/slos/${slo}`).catch(() => undefined)
  if (response === undefined || !response.ok) return undefined
  const { window, errorBudget, burnRates } = (await response.json()) as SloReply
  const hour = burnRates.find(({ window: text }) => text === '1h')?.rate ?? null
  const left = formatRatio(errorBudget.remainingRatio, { digits: 1 })
  return `${slo}: ${left} of the ${window.text} error budget left, burning at ${formatBurnRate(hour)} over 1 h`
}
