import { type Child, h } from './dom.ts'
import { formatBurnRate, formatCount, formatRatio } from './format.ts'
import { budgetBar, table } from './parts.ts'
import type { LayerRow } from './reply-types.ts'
import type { TimeRange } from './time-range.ts'

const mostRows = 12

/** Where the bad events are: the values of one layer, worst first; the shares sum to the whole. */
export function layerTable(rows: readonly LayerRow[], layer: string, range: TimeRange): Child {
  const name = layer.replaceAll('_', ' ')
  const columns = [name[0]?.toUpperCase() + name.slice(1), 'Share of bad', 'Bad', 'Valid', 'SLI', 'Burn rate']
  const shown = rows.slice(0, mostRows)
  const more = rows.length - shown.length
  return [
    table(`Events by ${name}, ${range.spoken}`, columns, shown.map(row), 'layer-table'),
    more > 0 ? h('p', { class: 'note' }, `${more} more with fewer bad events are in the API.`) : null,
  ]
}

function row({ value, shareOfBad, good, valid, sli, burnRate }: LayerRow): Child[] {
  return [
    value === '' ? '(none)' : value,
    h(
      'span',
      { class: 'budget' },
      budgetBar(shareOfBad, 'no-data'),
      h('span', { class: 'number' }, formatRatio(shareOfBad, { digits: 0 })),
    ),
    h('span', { class: 'number' }, formatCount(valid - good)),
    h('span', { class: 'number' }, formatCount(valid)),
    h('span', { class: 'number' }, formatRatio(sli, { digits: 3 })),
    h('span', { class: 'number' }, burnRate === null ? '—' : `${formatBurnRate(burnRate)}×`),
  ]
}
