import { h } from './dom.ts'
import {
  formatAgo,
  formatBurnRate,
  formatCompact,
  formatCount,
  formatObjective,
  formatRatio,
  formatSli,
  sloTitle,
  spokenWindow,
} from './format.ts'
import { membersByShare } from './member-table.ts'
import { sloAddress } from './navigation.ts'
import type { View } from './page.ts'
import { budgetText, fact } from './parts.ts'
import type { Slo } from './reply-types.ts'

/** The numbers of an SLO that one reads first. */
export function sloFacts(slo: Slo, view: View): HTMLElement {
  const { remainingRatio, exhaustedAt } = slo.errorBudget
  const hourly = slo.burnRates.find(burn => burn.windowSeconds === 3600)
  const end = exhaustedAt === null ? 'does not run out at this rate' : `runs out ${formatAgo(exhaustedAt, view.nowMs)}`
  const isMissed = slo.sli !== null && slo.sli < slo.objective
  return h(
    'dl',
    { class: 'facts', 'data-key': 'facts' },
    fact(
      'Budget left',
      h('span', { class: remainingRatio < 0 ? 'missed' : '' }, budgetText(remainingRatio, slo.status)),
      slo.status === 'no-data' ? 'no events yet' : leftOver(slo),
    ),
    fact(
      'SLI',
      h('span', { class: isMissed ? 'missed' : '' }, formatSli(slo.sli, slo.objective, slo.objectiveText)),
      `objective ${formatObjective(slo.objective)} over ${spokenWindow(slo.window.text)}`,
    ),
    fact(
      'Burn rate, 1 h',
      hourly?.rate === null || hourly === undefined ? '—' : `${formatBurnRate(hourly.rate)}×`,
      slo.status === 'no-data' ? null : end,
    ),
    slo.members.length > 0 ? heaviestMember(slo) : badEvents(slo),
  )
}

/** What a composite may still lose is no number of events: those of one member weigh more than another's. */
function leftOver({ errorBudget: { remaining }, members, budgetingMethod }: Slo): string {
  if (members.length > 0) return `shared by ${members.length} members`
  const what = budgetingMethod === 'RatioTimeslices' ? ' slices' : ''
  return remaining >= 0
    ? `${formatCompact(Math.floor(remaining))}${what} more may fail`
    : `${formatCompact(Math.ceil(-remaining))}${what} too many failed`
}

const badEvents = (slo: Slo): HTMLElement =>
  fact(
    slo.budgetingMethod === 'Timeslices' ? 'Bad time slices' : 'Bad events',
    formatCompact(slo.bad),
    `of ${formatCount(slo.valid)} valid`,
  )

function heaviestMember(slo: Slo): HTMLElement {
  const [worst] = membersByShare(slo)
  if (worst === undefined || worst.shareOfConsumed === 0) return fact('Most of the burn', '—', 'nothing is consumed')
  const share = formatRatio(worst.shareOfConsumed, { digits: 0 })
  const link = h('a', { href: sloAddress(worst.name) }, sloTitle(worst))
  return fact('Most of the burn', link, `${share} of what is consumed`)
}
