import { type Child, h } from './dom.ts'
import { formatBudget, formatBurnRate, partText, sloTitle } from './format.ts'
import { sloAddress } from './navigation.ts'
import { stateShape } from './parts.ts'
import type { Slo } from './reply-types.ts'

/** One look: are we keeping our promises? The SLOs come worst first. */
export function promiseSummary(slos: readonly Slo[]): HTMLElement {
  const judged = slos.filter(slo => slo.status !== 'no-data')
  const kept = judged.filter(slo => slo.errorBudget.remainingRatio >= 0)
  const burning = kept.filter(slo => slo.status === 'burning').length
  const tone =
    judged.length === 0 ? 'no-data' : kept.length < judged.length ? 'exhausted' : burning > 0 ? 'burning' : 'healthy'
  return h(
    'section',
    { class: `summary ${tone}`, 'data-key': 'summary', 'aria-labelledby': 'summary-title' },
    h('div', { class: 'summary-sign', 'aria-hidden': 'true' }, stateShape(tone)),
    h('h1', { id: 'summary-title', tabindex: '-1' }, 'Are we keeping our promises?'),
    h('p', { class: 'summary-answer' }, answer(judged, kept, burning)),
    h('p', { class: 'summary-worst' }, worst(mostUrgent(judged)), without(slos.length - judged.length), partly(judged)),
    h('p', { class: 'summary-report' }, h('a', { href: '/report' }, 'How was this month?')),
    h(
      'div',
      { class: 'summary-cells', 'aria-hidden': 'true' },
      slos.length > 120 ? null : slos.map(slo => h('i', { class: slo.status, 'data-key': slo.name })),
    ),
  )
}

function answer(judged: readonly Slo[], kept: readonly Slo[], burning: number): Child {
  if (judged.length === 0) return 'Nothing to judge yet'
  const risk = burning === 0 ? null : h('span', { class: 'summary-risk' }, ` — ${burning} at risk`)
  if (kept.length === judged.length)
    return [judged.length === 1 ? 'Yes, the only one is kept' : `Yes, all ${judged.length} are kept`, risk]
  return [`${kept.length} of ${judged.length} kept`, risk]
}

const urgency = ['exhausted', 'burning', 'healthy', 'no-data'] as const

/** Of those in the worst state the one with the least budget left: what is named here must not read as healthy while another burns. */
const mostUrgent = (slos: readonly Slo[]): Slo | undefined =>
  urgency.flatMap(state => slos.filter(slo => slo.status === state))[0]

function worst(slo: Slo | undefined): Child {
  if (slo === undefined) return 'Numbers appear as soon as telemetry arrives.'
  const { remainingRatio } = slo.errorBudget
  const hourly = slo.burnRates.find(burn => burn.windowSeconds === 3600)?.rate ?? null
  const budget =
    remainingRatio < 0
      ? `has overspent its error budget: ${formatBudget(remainingRatio)} left`
      : `has ${formatBudget(remainingRatio)} of its error budget left`
  const burn = hourly !== null && hourly > 1 ? `, burning ${formatBurnRate(hourly)} times as fast as it may` : ''
  return ['Worst: ', h('a', { href: sloAddress(slo.name) }, sloTitle(slo)), ` ${budget}${burn}.`]
}

/** What is kept so far may be of less than the window that is promised about. */
const partly = (judged: readonly Slo[]): string => {
  const count = judged.filter(slo => partText(slo) !== '').length
  return count === 0 ? '' : ` Of ${count} the data cover only a part of the window.`
}

const without = (count: number): string => (count === 0 ? '' : ` ${count} without data.`)
