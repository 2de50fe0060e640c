import { type Child, h } from './dom.ts'
import { formatCount, formatRatio, sloTitle } from './format.ts'
import { sloAddress } from './navigation.ts'
import { budgetBar, table } from './parts.ts'
import type { Slo } from './reply-types.ts'

export type Member = Slo['members'][number]

/** The members of a composite, those with the most of what its budget has consumed first. */
export function membersByShare({ members }: Pick<Slo, 'members'>): Member[] {
  return [...members].sort((a, b) => b.shareOfConsumed - a.shareOfConsumed || b.shareOfBurn - a.shareOfBurn)
}

/** What a composite has instead of layers: the SLOs that it is the mean of. Their shares sum to the whole; the SLI is that of each over the composite's window. */
export function memberTable(slo: Slo): Child {
  const allWeights = slo.members.reduce((sum, { weight }) => sum + weight, 0)
  const columns = ['Member', 'Weight', 'SLI', 'Share of what is consumed', 'Share of the burn, 1 h', 'Good', 'Valid']
  const rows = membersByShare(slo).map(member => row(member, allWeights))
  return table('Members, those that consumed most first', columns, rows, 'member-table')
}

function row(member: Member, allWeights: number): Child[] {
  const { name, weight, sli, good, valid, shareOfConsumed, shareOfBurn } = member
  return [
    h('a', { href: sloAddress(name) }, sloTitle(member)),
    h(
      'span',
      { class: 'pair' },
      h('span', { class: 'number' }, String(weight)),
      h('span', { class: 'note' }, formatRatio(allWeights === 0 ? 0 : weight / allWeights, { digits: 0 })),
    ),
    h('span', { class: 'number' }, formatRatio(sli, { digits: 3 })),
    share(shareOfConsumed),
    share(shareOfBurn),
    h('span', { class: 'number' }, formatCount(good)),
    h('span', { class: 'number' }, formatCount(valid)),
  ]
}

const share = (of: number): Child =>
  h(
    'span',
    { class: 'budget' },
    budgetBar(of, 'no-data'),
    h('span', { class: 'number' }, formatRatio(of, { digits: 0 })),
  )
