import { readApi } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { formatBurnRate, formatObjective, formatSli, partText, sloTitle } from './format.ts'
import { addressWith, sloAddress } from './navigation.ts'
import type { Page, View } from './page.ts'
import { budgetBar, budgetText, emptyState, sparkline, statePill, stateWord, table } from './parts.ts'
import { promiseSummary } from './promise-summary.ts'
import type { HistoryPoint, Slo, SloState } from './reply-types.ts'

interface ListData {
  readonly slos: readonly Slo[]
}

type Trend = readonly (number | null)[]

const states: readonly SloState[] = ['exhausted', 'burning', 'healthy', 'no-data']
/** More would be slow to draw and read by nobody. */
const mostRows = 300
const trendRange = { seconds: 7 * 86_400, step: '6h', refreshMs: 120_000, atOnce: 24 }

/** Trends are asked for as rows come into sight, and kept for a while: they move slowly and cost a query each. */
const trends = new Map<string, { readonly readAtMs: number; readonly values: Trend }>()

export const sloListPage: Page<ListData> = {
  title: () => 'Promises',
  read: () => readApi<ListData>('slos'),
  draw: ({ slos }, view) => [
    promiseSummary(slos),
    slos.length === 0 ? noSlos() : [filters(slos, view), rows(slos, view)],
  ],
  drawCharts: ({ slos }, _root, view) => void readTrends(chosen(slos, view).slice(0, mostRows), view),
}

function noSlos(): HTMLElement {
  return emptyState(
    'No SLOs are defined yet.',
    h(
      'p',
      {},
      'Write a first one as OpenSLO v1 in the folder given with ',
      h('code', {}, '--specs'),
      ' and check it with ',
      h('code', {}, 'ninefold validate'),
      '. It appears here by itself, with its whole history.',
    ),
    h('p', {}, 'Just looking? ', h('code', {}, 'ninefold demo'), ' runs a small shop that burns its budget.'),
  )
}

function chosen(slos: readonly Slo[], { place }: View): Slo[] {
  const words = (place.query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const state = place.query.get('status')
  const service = place.query.get('service')
  return slos.filter(slo => {
    const text = `${slo.name} ${slo.displayName} ${slo.service}`.toLowerCase()
    const isState = state === null || slo.status === state
    return isState && (service === null || slo.service === service) && words.every(word => text.includes(word))
  })
}

function filters(slos: readonly Slo[], view: View): HTMLElement {
  const { query } = view.place
  const services = [...new Set(slos.map(slo => slo.service))].sort()
  const onSearch = (event: Event) => view.go(addressWith({ q: (event.target as HTMLInputElement).value }))
  const onService = (event: Event) => view.go(addressWith({ service: (event.target as HTMLSelectElement).value }))
  const option = (value: string, text: string) =>
    h('option', { value, selected: value === (query.get('service') ?? '') }, text)
  return h(
    'div',
    { class: 'filters', role: 'search', 'data-key': 'filters' },
    h('input', {
      type: 'search',
      'data-keep': '',
      'aria-label': 'Search promises',
      placeholder: 'Search',
      value: query.get('q') ?? '',
      oninput: onSearch,
    }),
    services.length < 2
      ? null
      : h(
          'select',
          { 'data-keep': '', 'aria-label': 'Service', onchange: onService },
          option('', 'All services'),
          services.map(service => option(service, service)),
        ),
    h(
      'ul',
      { class: 'chips', 'aria-label': 'Status' },
      chip('', 'All', slos.length, view),
      states.map(state => chip(state, stateWord(state), slos.filter(slo => slo.status === state).length, view)),
    ),
  )
}

function chip(state: string, word: string, count: number, view: View): Child {
  const isChosen = (view.place.query.get('status') ?? '') === state
  if (count === 0 && !isChosen) return null
  const attributes = {
    class: `chip ${state}`,
    href: addressWith({ status: state }),
    'aria-current': isChosen ? 'true' : null,
  }
  return h('li', {}, h('a', attributes, word, ' ', h('b', {}, String(count))))
}

function rows(slos: readonly Slo[], view: View): Child {
  const wanted = chosen(slos, view)
  if (wanted.length === 0)
    return emptyState('No promise matches the filters.', h('p', {}, h('a', { href: '/' }, 'Show all promises')))
  const columns = ['Promise', 'Status', 'SLI / objective', 'Budget left', 'Burn rate, 1 h', 'Budget, 7 days']
  const shown = wanted.slice(0, mostRows)
  const rest = wanted.length - shown.length
  return [
    table('Promises, worst budget first', columns, shown.map(row), 'slo-table'),
    rest === 0
      ? null
      : h('p', { class: 'note' }, `${rest} more with more budget left: search, or choose a status or service.`),
  ]
}

function row(slo: Slo): Child[] {
  const { remainingRatio } = slo.errorBudget
  const hourly = slo.burnRates.find(burn => burn.windowSeconds === 3600) ?? slo.burnRates[0]
  return [
    h(
      'span',
      { class: 'promise' },
      h('a', { href: sloAddress(slo.name) }, sloTitle(slo)),
      h(
        'span',
        { class: 'note' },
        [slo.service, slo.members.length > 0 ? `mean of ${slo.members.length}` : '', partText(slo)]
          .filter(Boolean)
          .join(', '),
      ),
    ),
    statePill(slo.status),
    h(
      'span',
      { class: 'pair' },
      h(
        'span',
        { class: isMissed(slo) ? 'number missed' : 'number' },
        formatSli(slo.sli, slo.objective, slo.objectiveText),
      ),
      h('span', { class: 'note' }, `of ${formatObjective(slo.objective)}`),
    ),
    h(
      'span',
      { class: 'budget' },
      budgetBar(slo.status === 'no-data' ? null : remainingRatio, slo.status),
      h('span', { class: 'number' }, budgetText(remainingRatio, slo.status)),
    ),
    h('span', { class: 'number' }, burnText(hourly?.rate ?? null)),
    trendOf(slo),
  ]
}

const isMissed = (slo: Slo): boolean => slo.sli !== null && slo.sli < slo.objective
const burnText = (rate: number | null): string => (rate === null ? '—' : `${formatBurnRate(rate)}×`)

function trendOf(slo: Slo): Child {
  const values = trends.get(slo.name)?.values ?? []
  const known = values.filter(value => value !== null)
  const [first] = known
  const last = known.at(-1)
  if (first === undefined || last === undefined) return h('span', { class: 'sparkline-empty', 'aria-hidden': 'true' })
  return sparkline(
    values,
    `Budget left over 7 days: from ${budgetText(first, slo.status)} to ${budgetText(last, slo.status)}`,
    [0, 1],
  )
}

async function readTrends(slos: readonly Slo[], view: View): Promise<void> {
  const isDue = ({ name }: Slo) => Date.now() - (trends.get(name)?.readAtMs ?? 0) > trendRange.refreshMs
  const due = slos.filter(isDue).slice(0, trendRange.atOnce)
  if (due.length === 0) return
  // Noted before anything is read: a page drawn meanwhile, or after a failure, must not ask for the same again at once.
  for (const { name } of due) trends.set(name, { readAtMs: Date.now(), values: trends.get(name)?.values ?? [] })
  for (const { name } of due) {
    const to = Date.now()
    const parameters = { from: to - trendRange.seconds * 1000, to, step: trendRange.step }
    const path = `slos/${encodeURIComponent(name)}/history`
    const values = await readApi<{ points: HistoryPoint[] }>(path, parameters).then(
      ({ points }) => points.map(point => point.budgetRemainingRatio),
      // The list itself is current; a trend that could not be read keeps its old line until it is due again.
      () => undefined,
    )
    if (values !== undefined) trends.set(name, { readAtMs: Date.now(), values })
  }
  view.redraw()
}
