import { dataText } from '../../data-texts.ts'
import { type Child, h } from './dom.ts'
import { formatCount, ownTimeZone, partText, spokenWindow } from './format.ts'
import type { KnownRange, Slo, SloDetail } from './reply-types.ts'
import type { TimeRange } from './time-range.ts'

/** What somebody has to know before they believe the numbers of an SLO's page. */

/** Where the value that is asked for lies inside a bucket, the SLI is the lowest that can be true. */
export function boundsNote({ bounds, window }: SloDetail): Child {
  if (bounds === null || bounds.goodAtLeast === bounds.goodAtMost) return null
  const hours = (Date.parse(bounds.to) - Date.parse(bounds.from)) / 3_600_000
  const span = hours < 24 ? spokenWindow(window.text) : 'day'
  return h(
    'p',
    { class: 'warning' },
    `Of the last ${span}’s ${formatCount(bounds.valid)} measurements at least ${formatCount(bounds.goodAtLeast)} and at most ` +
      `${formatCount(bounds.goodAtMost)} were good: the value lies inside a bucket of the histogram, and what is in that bucket counts as bad.`,
  )
}

/** What the budget policy says: the steps that are reached. */
export function policyNote({ budgetPolicy: { action, reached } }: Slo): Child {
  const words = { notify: 'Take notice', review: 'Review changes', freeze: 'Changes are frozen' } as const
  if (action === 'none' || action === 'unknown') return null
  const reasons = reached.map(({ message, policy }) => (message === '' ? policy : `${message} (${policy})`))
  return h(
    'p',
    { class: action === 'freeze' ? 'warning' : 'note', 'data-key': 'policy' },
    h('b', {}, `${words[action]}: `),
    reasons.join(' '),
  )
}

/** What is left out of the numbers, and on whose word. */
export function correctionNote({ corrections, window }: Slo): Child {
  if (corrections.length === 0) return null
  const [count, apply] =
    corrections.length === 1 ? ['1 correction', 'applies'] : [`${corrections.length} corrections`, 'apply']
  return h(
    'details',
    { class: 'corrections', 'data-key': 'corrections' },
    h('summary', {}, `${count} ${apply} to the ${spokenWindow(window.text)}.`),
    h(
      'ul',
      {},
      corrections.map(({ name, reason, approver, leavesOut }) =>
        h('li', { 'data-key': name }, h('b', {}, name), `: ${reason} Approved by ${approver}. Left out: ${leavesOut}.`),
      ),
    ),
  )
}

/** From when on the pictures of a range show anything: before that nothing is known, which is not the same as no events. */
export function rangeNote({ from, data }: KnownRange, { spoken }: TimeRange): Child {
  const part = data === null ? '' : dataText(data, { from, until: data.to }, ownTimeZone())
  return part === '' ? null : h('p', { class: 'note', 'data-key': 'range-data' }, `Of the ${spoken}: ${part}.`)
}

/** How much of the window is known at all. */
export function coverageNote(slo: Slo): Child {
  const { coverage, status, window } = slo
  const part = partText(slo)
  if ((coverage >= 0.99 && part === '') || status === 'no-data') return null
  const share = Math.floor(coverage * 1000) / 10
  const covered = `${share} % of the ${spokenWindow(window.text)} is covered by data`
  return h(
    'p',
    { class: 'warning', 'data-key': 'coverage' },
    part === '' ? `Only ${covered}.` : `The numbers are of a part of the window: ${part}. ${covered}.`,
  )
}
