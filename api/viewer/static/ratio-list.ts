import { readApi } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { formatQuotient, spokenWindow } from './format.ts'
import { ratioAddress } from './navigation.ts'
import type { Page, View } from './page.ts'
import { emptyState, sparkline, table } from './parts.ts'
import type { Ratio, RatioPoint } from './reply-types.ts'

interface ListData {
  readonly ratios: readonly Ratio[]
}

/** More would be slow to draw and read by nobody. */
const mostRows = 200
const trendRange = { seconds: 7 * 86_400, step: '6h', refreshMs: 120_000, atOnce: 24 }

/** Kept for a while: they move slowly and cost a query each. */
const trends = new Map<string, { readonly readAtMs: number; readonly values: readonly (number | null)[] }>()

export const ratioListPage: Page<ListData> = {
  title: () => 'Ratios',
  read: () => readApi<ListData>('ratios'),
  draw: ({ ratios }) => [
    h(
      'header',
      { class: 'page-head', 'data-key': 'head' },
      h('h1', { tabindex: '-1' }, 'Ratios'),
      h('p', { class: 'promise-text' }, 'One number over another, over the same time and layer.'),
    ),
    ratios.length === 0 ? noRatios() : rows(ratios),
  ],
  drawCharts: ({ ratios }, _root, view) => void readTrends(ratios.slice(0, mostRows), view),
}

function noRatios(): HTMLElement {
  return emptyState(
    'No ratios are defined yet.',
    h(
      'p',
      {},
      'Write a first one, such as orders for each cart, as a ',
      h('code', {}, 'Ratio'),
      ' of ',
      h('code', {}, 'ninefold.dev/v1'),
      ' beside the SLOs, and check it with ',
      h('code', {}, 'ninefold validate'),
      '. It appears here by itself, with its whole history.',
    ),
  )
}

function rows(ratios: readonly Ratio[]): Child {
  const windows = ratios[0]?.windows.map(({ window }) => `Last ${spokenWindow(window)}`) ?? []
  const shown = ratios.slice(0, mostRows)
  const rest = ratios.length - shown.length
  return [
    table('Ratios by name', ['Ratio', ...windows, '7 days'], shown.map(row), 'ratio-table'),
    rest === 0 ? null : h('p', { class: 'note' }, `${rest} more are in the API.`),
  ]
}

function row(ratio: Ratio): Child[] {
  return [
    h(
      'span',
      { class: 'promise' },
      h('a', { href: ratioAddress(ratio.name) }, ratio.displayName),
      h('span', { class: 'note' }, ratio.description),
    ),
    ...ratio.windows.map(({ value }) => h('span', { class: 'number' }, formatQuotient(value, ratio.unit))),
    trendOf(ratio),
  ]
}

function trendOf({ name, unit }: Ratio): Child {
  const values = trends.get(name)?.values ?? []
  const known = values.filter(value => value !== null)
  const [first] = known
  const last = known.at(-1)
  if (first === undefined || last === undefined) return h('span', { class: 'sparkline-empty', 'aria-hidden': 'true' })
  const label = `Over 7 days: from ${formatQuotient(first, unit)} to ${formatQuotient(last, unit)}`
  const [low, high] = [Math.min(0, ...known), Math.max(...known)]
  return sparkline(values, label, [low, high > low ? high : low + 1])
}

async function readTrends(ratios: readonly Ratio[], view: View): Promise<void> {
  const isDue = ({ name }: Ratio) => Date.now() - (trends.get(name)?.readAtMs ?? 0) > trendRange.refreshMs
  const due = ratios.filter(isDue).slice(0, trendRange.atOnce)
  if (due.length === 0) return
  // Noted before anything is read: a page drawn meanwhile, or after a failure, must not ask for the same again at once.
  for (const { name } of due) trends.set(name, { readAtMs: Date.now(), values: trends.get(name)?.values ?? [] })
  for (const { name } of due) {
    const to = Date.now()
    const parameters = { from: to - trendRange.seconds * 1000, to, step: trendRange.step }
    const path = `ratios/${encodeURIComponent(name)}/history`
    const values = await readApi<{ points: RatioPoint[] }>(path, parameters).then(
      ({ points }) => points.map(({ value }) => value),
      // The list itself is current; a trend that could not be read keeps its old line until it is due again.
      () => undefined,
    )
    if (values !== undefined) trends.set(name, { readAtMs: Date.now(), values })
  }
  view.redraw()
}
