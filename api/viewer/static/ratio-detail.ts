import { dataText } from '../../data-texts.ts'
import { readApi } from './api-client.ts'
import { drawChart } from './chart.ts'
import { type Child, h } from './dom.ts'
import { formatQuotient, ownTimeZone, spokenWindow } from './format.ts'
import type { Page, View } from './page.ts'
import { chartPlace, emptyState, fact, panel, table } from './parts.ts'
import { layerPicker, layerWord, rangePicker } from './pickers.ts'
import type { KnownRange, Ratio, RatioLayerRow, RatioPoint } from './reply-types.ts'
import { rangeNote } from './slo-notes.ts'
import { chosenRange, rangeParameters, type TimeRange } from './time-range.ts'

interface RatioData {
  readonly ratio: Ratio
  readonly range: TimeRange
  /** The layer that is chosen; undefined of a ratio that keeps none apart. */
  readonly layer: string | undefined
  readonly points: readonly RatioPoint[]
  /** The part of the range that is on record. */
  readonly known: KnownRange
  readonly rows: readonly RatioLayerRow[]
}

const mostRows = 50

export const ratioPage: Page<RatioData> = {
  title: place => place.name,
  read: async place => {
    const path = `ratios/${encodeURIComponent(place.name)}`
    const range = chosenRange(place.query)
    const ratio = await readApi<Ratio>(path)
    const layer = ratio.layers.find(name => name === place.query.get('layer')) ?? ratio.layers[0]
    const span = rangeParameters(range)
    const [{ points, ...known }, { rows }] = await Promise.all([
      readApi<KnownRange & { points: RatioPoint[] }>(`${path}/history`, { ...span, step: range.step }),
      layer === undefined ? { rows: [] } : readApi<{ rows: RatioLayerRow[] }>(`${path}/layers`, { ...span, by: layer }),
    ])
    return { ratio, range, layer, points, known, rows }
  },
  draw: (data, view) => [
    head(data.ratio),
    facts(data.ratio),
    partNote(data.ratio),
    rangePicker(data.range),
    rangeNote(data.known, data.range),
    panels(data, view),
  ],
  drawCharts: drawHistory,
}

function head(ratio: Ratio): HTMLElement {
  return h(
    'header',
    { class: 'page-head', 'data-key': 'head' },
    h('p', { class: 'back' }, h('a', { href: '/ratios' }, '← All ratios')),
    h('h1', { tabindex: '-1' }, ratio.displayName),
    ratio.description === '' ? null : h('p', { class: 'promise-text' }, ratio.description),
    h(
      'p',
      { class: 'links' },
      h('a', { href: `/api/v1/ratios/${encodeURIComponent(ratio.name)}`, 'data-raw': '' }, 'JSON'),
    ),
  )
}

function facts({ unit, windows }: Ratio): HTMLElement {
  return h(
    'dl',
    { class: 'facts', 'data-key': 'facts' },
    windows.map(({ window, value, numerator, denominator, isEstimate }) =>
      fact(
        `Last ${spokenWindow(window)}`,
        formatQuotient(value, unit),
        `${formatQuotient(numerator, '')} ÷ ${formatQuotient(denominator, '')}${isEstimate ? ', estimated' : ''}`,
      ),
    ),
  )
}

/** Which part of its windows the numbers are of: of which nothing is said, they are of all. */
function partNote({ windows }: Ratio): Child {
  const parts = windows.flatMap(({ window, from, to, data, value }) => {
    const part = value === null ? '' : dataText(data, { from, until: to }, ownTimeZone())
    return part === '' ? [] : [`last ${spokenWindow(window)}: ${part}`]
  })
  return parts.length === 0
    ? null
    : h('p', { class: 'note', 'data-key': 'part' }, `The numbers are of a part of the ${parts.join('; of the ')}.`)
}

function panels(data: RatioData, view: View): Child {
  const { ratio, range, layer, points, rows } = data
  const sides = panel('What is divided', { key: 'sides' }, sidesTable(ratio))
  if (points.every(({ value }) => value === null))
    return [
      panel(
        'History',
        { key: 'history' },
        emptyState(
          `No value in the ${range.spoken}: the denominator is 0, or a side has none.`,
          h('p', {}, 'Choose a longer range, or look at the filters below.'),
        ),
      ),
      sides,
    ]
  return h(
    'div',
    { class: 'panels', 'data-key': 'panels' },
    panel('History', { key: 'history' }, chartPlace('ratio')),
    layer === undefined
      ? null
      : panel(
          `By ${layerWord(layer)}`,
          { key: 'layers', aside: layerPicker(ratio.layers, layer, view) },
          layerTable(rows, layer, data),
        ),
    sides,
  )
}

function layerTable(rows: readonly RatioLayerRow[], layer: string, { ratio, range }: RatioData): Child {
  const name = layerWord(layer)
  const columns = [name[0]?.toUpperCase() + name.slice(1), 'Ratio', 'Numerator', 'Denominator']
  const cells = rows
    .slice(0, mostRows)
    .map(({ layerValue, value, numerator, denominator }) => [
      layerValue === '' ? '(none)' : layerValue,
      number(value, ratio.unit),
      number(numerator, ''),
      number(denominator, ''),
    ])
  const more = rows.length - cells.length
  return [
    table(`Ratio by ${name}, ${range.spoken}`, columns, cells, 'layer-table'),
    more > 0 ? h('p', { class: 'note' }, `${more} more with smaller denominators are in the API.`) : null,
  ]
}

function number(value: number | null, unit: string): Child {
  return h('span', { class: 'number' }, formatQuotient(value, unit))
}

function sidesTable({ numerator, denominator, includeSynthetic }: Ratio): Child {
  const rows = [['Numerator', numerator] as const, ['Denominator', denominator] as const]
  const cells = rows.map(([name, { aggregate, signal, filter }]) => [
    name,
    `${aggregate} of ${signal}`,
    filter === '' ? 'all' : h('code', {}, filter),
  ])
  return [
    table('What is divided by what', ['Side', 'Amount', 'Events'], cells, 'sides-table'),
    h('p', { class: 'note' }, includeSynthetic ? 'Synthetic events are counted.' : 'Synthetic events are left out.'),
  ]
}

function drawHistory({ ratio, range, points }: RatioData, root: Element): void {
  const place = root.querySelector<HTMLElement>('[data-chart="ratio"]')
  if (place === null) return
  const values = points.map(({ value }) => value)
  const known = values.filter(value => value !== null)
  const [first] = known
  const last = known.at(-1)
  const text = (value: number | undefined) => formatQuotient(value ?? null, ratio.unit)
  drawChart(place, {
    summary: `${ratio.displayName} over the ${range.spoken}: from ${text(first)} to ${text(last)}.`,
    times: points.map(({ at }) => Date.parse(at) / 1000),
    lines: [{ label: ratio.displayName, values }],
    // The unit stands beside the title; the axis has room for numbers.
    format: value => formatQuotient(value, ''),
    sight: [0, 0],
    regions: [],
    moments: [],
    limits: [],
  })
}
