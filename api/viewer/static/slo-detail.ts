import { alertConditions } from './alert-conditions.ts'
import { readApi } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { episodeCard } from './episode-card.ts'
import {
  formatAgo,
  formatBurnRate,
  formatCompact,
  formatCount,
  formatObjective,
  formatSli,
  promiseOf,
  sloTitle,
  spokenWindow,
} from './format.ts'
import { layerTable } from './layer-table.ts'
import { addressWith } from './navigation.ts'
import type { Page, View } from './page.ts'
import { budgetText, chartPlace, emptyState, fact, panel, statePill } from './parts.ts'
import type { Deployment, Episode, HistoryPoint, LayerRow, LayerSeries, Slo } from './reply-types.ts'
import { drawSloCharts } from './slo-charts.ts'
import { chosenRange, rangeParameters, type TimeRange, timeRanges } from './time-range.ts'

export interface SloData {
  readonly slo: Slo
  readonly range: TimeRange
  readonly layer: string
  readonly points: readonly HistoryPoint[]
  readonly rows: readonly LayerRow[]
  readonly series: readonly LayerSeries[]
  readonly episodes: readonly Episode[]
  readonly deployments: readonly Deployment[]
}

export const sloPage: Page<SloData> = {
  title: place => place.name,
  read: async place => {
    const path = `slos/${encodeURIComponent(place.name)}`
    const range = chosenRange(place.query)
    const slo = await readApi<Slo>(path)
    const layer = slo.layers.find(name => name === place.query.get('layer')) ?? slo.layers[0] ?? 'region'
    const span = rangeParameters(range)
    const steps = { ...span, step: range.step }
    const [history, rows, series, alerts, deployments] = await Promise.all([
      readApi<{ points: HistoryPoint[] }>(`${path}/history`, steps),
      readApi<{ rows: LayerRow[] }>(`${path}/layers`, { ...span, by: layer }),
      readApi<{ series: LayerSeries[] }>(`${path}/layers/history`, { ...steps, by: layer }),
      readApi<{ alerts: Episode[] }>(`${path}/alerts`, { limit: 50 }),
      readApi<{ deployments: Deployment[] }>('deployments', { ...span, service: slo.service }),
    ])
    return {
      slo,
      range,
      layer,
      points: history.points,
      rows: rows.rows,
      series: series.series,
      episodes: alerts.alerts,
      deployments: deployments.deployments,
    }
  },
  draw: (data, view) => [
    head(data.slo, view),
    facts(data.slo, view),
    rangePicker(data.range),
    charts(data, view),
    alertConditions(data.slo),
    episodes(data, view),
  ],
  drawCharts: drawSloCharts,
}

function head(slo: Slo, view: View): HTMLElement {
  const links = [
    slo.runbook === '' ? null : h('a', { href: slo.runbook, rel: 'noreferrer', target: '_blank' }, 'Runbook'),
    h('a', { href: `/?service=${encodeURIComponent(slo.service)}` }, `All of ${slo.service}`),
    h('a', { href: `/api/v1/slos/${encodeURIComponent(slo.name)}`, 'data-raw': '' }, 'JSON'),
  ]
  return h(
    'header',
    { class: 'page-head', 'data-key': 'head' },
    h('p', { class: 'back' }, h('a', { href: '/' }, '← All promises')),
    h('div', { class: 'title-line' }, h('h1', { tabindex: '-1' }, sloTitle(slo)), statePill(slo.status)),
    h('p', { class: 'promise-text' }, slo.description, slo.description === '' ? null : ' ', promiseOf(slo)),
    h('p', { class: 'links' }, links),
    slo.inconsistent
      ? h(
          'p',
          { class: 'warning' },
          'The source delivered more good events than valid ones; the ratio is shown as it is.',
        )
      : null,
    slo.coverage < 0.99 && slo.status !== 'no-data' ? coverageNote(slo, view) : null,
  )
}

function coverageNote(slo: Slo, _view: View): HTMLElement {
  const share = Math.floor(slo.coverage * 1000) / 10
  return h(
    'p',
    { class: 'warning' },
    `Only ${share} % of the ${spokenWindow(slo.window.text)} is covered by data; the past before that is unknown.`,
  )
}

function facts(slo: Slo, view: View): HTMLElement {
  const { remainingRatio, exhaustedAt, remaining } = slo.errorBudget
  const hourly = slo.burnRates.find(burn => burn.windowSeconds === 3600)
  const what = slo.budgetingMethod === 'RatioTimeslices' ? ' slices' : ''
  const left =
    remaining >= 0
      ? `${formatCompact(Math.floor(remaining))}${what} more may fail`
      : `${formatCompact(Math.ceil(-remaining))}${what} too many failed`
  const end = exhaustedAt === null ? 'does not run out at this rate' : `runs out ${formatAgo(exhaustedAt, view.nowMs)}`
  const isMissed = slo.sli !== null && slo.sli < slo.objective
  return h(
    'dl',
    { class: 'facts', 'data-key': 'facts' },
    fact(
      'Budget left',
      h('span', { class: remainingRatio < 0 ? 'missed' : '' }, budgetText(remainingRatio, slo.status)),
      slo.status === 'no-data' ? 'no events yet' : left,
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
    fact(
      slo.budgetingMethod === 'Timeslices' ? 'Bad time slices' : 'Bad events',
      formatCompact(slo.bad),
      `of ${formatCount(slo.valid)} valid`,
    ),
  )
}

function rangePicker(chosen: TimeRange): HTMLElement {
  const links = timeRanges.map(range =>
    h(
      'li',
      {},
      h(
        'a',
        {
          href: addressWith({ range: range.text }),
          'aria-current': range === chosen ? 'true' : null,
          'aria-label': range.spoken,
        },
        range.text,
      ),
    ),
  )
  return h('nav', { class: 'ranges', 'aria-label': 'Time range', 'data-key': 'ranges' }, h('ul', {}, links))
}

function charts(data: SloData, view: View): Child {
  const { slo, layer, points } = data
  if (points.every(point => point.valid === 0))
    return panel(
      'History',
      { key: 'history' },
      emptyState(
        `No events in the ${data.range.spoken}.`,
        h(
          'p',
          {},
          'Choose a longer range, or check that telemetry of ',
          h('b', {}, slo.service),
          ' arrives: ',
          h('a', { href: '/pipeline' }, 'pipeline health'),
          '.',
        ),
      ),
    )
  const onLayer = (event: Event) => view.go(addressWith({ layer: (event.target as HTMLSelectElement).value }))
  const options = slo.layers.map(name => h('option', { value: name, selected: name === layer }, layerWord(name)))
  const picker = h(
    'label',
    { class: 'layer-picker' },
    'Layer ',
    h('select', { onchange: onLayer, id: 'layer', 'data-keep': '' }, options),
  )
  return h(
    'div',
    { class: 'panels', 'data-key': 'panels' },
    panel('Error budget left', { key: 'budget' }, chartPlace('budget')),
    panel(
      'Burn rate',
      { key: 'burn', aside: h('span', { class: 'note' }, `each point ${stepWord(data.range.step)}`) },
      chartPlace('burn'),
    ),
    panel(
      `SLI by ${layerWord(layer)}`,
      { key: 'layers', aside: picker },
      chartPlace('layers'),
      layerTable(data.rows, layer, data.range),
    ),
  )
}

const stepWord = (step: string): string => step.replace(/m$/, ' min').replace(/h$/, ' h')

export const layerWord = (layer: string): string => layer.replaceAll('_', ' ')

function episodes({ slo, episodes: all }: SloData, view: View): Child {
  if (all.length === 0)
    return panel('Alerts', { key: 'alerts' }, h('p', { class: 'note' }, `${sloTitle(slo)} has never alerted.`))
  return panel(
    'Alerts',
    { key: 'alerts' },
    all.slice(0, 8).map(episode => episodeCard(episode, sloTitle(slo), [], view.nowMs)),
  )
}
