import { type Child, h } from './dom.ts'
import { formatBurnRate, formatRatio } from './format.ts'
import { addressWith } from './navigation.ts'
import { panel, table } from './parts.ts'
import { layerWord } from './pickers.ts'
import type { Attribution } from './reply-types.ts'
import type { TimeRange } from './time-range.ts'

/** The worst value of every layer that tells something, the layer that tells most first; nothing where none does. */
export function attributionPanel({ where, layers }: Attribution, range: TimeRange): Child {
  if (where === null) return null
  const telling = layers.flatMap(({ layer, values: [worst, ...more] }) =>
    worst !== undefined && more.length > 0 && worst.value !== '' && worst.excess > 0 ? [{ layer, ...worst }] : [],
  )
  const columns = ['Layer', 'Worst value', 'Share of bad', 'Share of all', 'Burn rate by it alone']
  const rows = telling.map(({ layer, value, shareOfBad, shareOfValid, burnRate }): Child[] => [
    h('a', { href: addressWith({ layer }) }, layerWord(layer)),
    value,
    h('span', { class: 'number' }, formatRatio(shareOfBad, { digits: 0 })),
    h('span', { class: 'number' }, formatRatio(shareOfValid, { digits: 0 })),
    h('span', { class: 'number' }, burnRate === null ? '—' : `${formatBurnRate(burnRate)}×`),
  ])
  const caption = `Worst value of each layer, ${range.spoken}`
  return panel('Who eats the budget', { key: 'attribution' }, table(caption, columns, rows, 'attribution-table'))
}
