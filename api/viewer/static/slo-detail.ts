import { alertConditions } from './alert-conditions.ts'
import { readApi } from './api-client.ts'
import { attributionPanel } from './attribution-table.ts'
import { type Child, h } from './dom.ts'
import { episodeCard } from './episode-card.ts'
import { promiseOf, sloTitle } from './format.ts'
import { layerTable } from './layer-table.ts'
import { membersByShare, memberTable } from './member-table.ts'
import type { Page, View } from './page.ts'
import { chartPlace, emptyState, panel, statePill } from './parts.ts'
import { layerPicker, layerWord, rangePicker } from './pickers.ts'
import type {
  Attribution,
  Correction,
  Deployment,
  Episode,
  HistoryPoint,
  KnownRange,
  LayerRow,
  LayerSeries,
  Slo,
  SloDetail,
} from './reply-types.ts'
import { drawSloCharts, mostLines } from './slo-charts.ts'
import { sloFacts } from './slo-facts.ts'
import { boundsNote, correctionNote, coverageNote, policyNote, rangeNote } from './slo-notes.ts'
import { chosenRange, rangeParameters, type TimeRange } from './time-range.ts'

export interface SloData {
  readonly slo: SloDetail
  readonly range: TimeRange
  /** What the SLI is told apart by: a layer, or of a composite its members. */
  readonly by: string
  readonly points: readonly HistoryPoint[]
  readonly known: KnownRange
  readonly rows: readonly LayerRow[]
  /** Null of a composite, whose members have the layers. */
  readonly attribution: Attribution | null
  readonly series: readonly LayerSeries[]
  readonly episodes: readonly Episode[]
  /** Of the range that is shown. */
  readonly corrections: readonly Correction[]
  readonly deployments: readonly Deployment[]
}

export const sloPage: Page<SloData> = {
  title: place => place.name,
  read: async place => {
    const path = `slos/${encodeURIComponent(place.name)}`
    const range = chosenRange(place.query)
    const slo = await readApi<SloDetail>(path)
    const layer = slo.layers.find(name => name === place.query.get('layer')) ?? slo.layers[0] ?? 'region'
    const span = rangeParameters(range)
    const steps = { ...span, step: range.step }
    const [history, parts, alerts, deployments] = await Promise.all([
      readApi<KnownRange & { points: HistoryPoint[]; corrections: Correction[] }>(`${path}/history`, steps),
      slo.members.length > 0 ? readMembers(slo, steps) : readLayers(path, layer, span, range),
      readApi<{ alerts: Episode[] }>(`${path}/alerts`, { limit: 50 }),
      readApi<{ deployments: Deployment[] }>('deployments', { ...span, service: slo.service }),
    ])
    return {
      slo,
      range,
      points: history.points,
      known: { from: history.from, data: history.data },
      corrections: history.corrections,
      ...parts,
      episodes: alerts.alerts,
      deployments: deployments.deployments,
    }
  },
  draw: (data, view) => [
    head(data.slo),
    sloFacts(data.slo, view),
    rangePicker(data.range),
    rangeNote(data.known, data.range),
    charts(data, view),
    data.attribution && attributionPanel(data.attribution, data.range),
    alertConditions(data.slo),
    episodes(data, view),
  ],
  drawCharts: drawSloCharts,
}

async function readLayers(path: string, layer: string, span: { from: number; to: number }, range: TimeRange) {
  const [{ rows }, { series }, attribution] = await Promise.all([
    readApi<{ rows: LayerRow[] }>(`${path}/layers`, { ...span, by: layer }),
    readApi<{ series: LayerSeries[] }>(`${path}/layers/history`, { ...span, step: range.step, by: layer }),
    readApi<Attribution>(`${path}/attribution`, { window: range.text, versions: 'false' }),
  ])
  return { by: layer, rows, series, attribution }
}

/** A composite has no layers, its members have: each is a line, as many as are drawn. */
async function readMembers(slo: Slo, steps: { from: number; to: number; step: string }) {
  const series = await Promise.all(
    membersByShare(slo)
      .slice(0, mostLines)
      .map(async member => {
        const path = `slos/${encodeURIComponent(member.name)}/history`
        const { points } = await readApi<{ points: HistoryPoint[] }>(path, steps)
        return { value: sloTitle(member), points }
      }),
  )
  return { by: 'member', rows: [], series, attribution: null }
}

function head(slo: SloDetail): HTMLElement {
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
    boundsNote(slo),
    policyNote(slo),
    correctionNote(slo),
    coverageNote(slo),
  )
}

function charts(data: SloData, view: View): Child {
  const { slo, by, points } = data
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
  return h(
    'div',
    { class: 'panels', 'data-key': 'panels' },
    panel('Error budget left', { key: 'budget' }, chartPlace('budget')),
    panel(
      'Burn rate',
      { key: 'burn', aside: h('span', { class: 'note' }, `each point ${stepWord(data.range.step)}`) },
      chartPlace('burn'),
    ),
    slo.members.length > 0
      ? panel('SLI by member', { key: 'layers' }, chartPlace('layers'), memberTable(slo))
      : panel(
          `SLI by ${layerWord(by)}`,
          { key: 'layers', aside: layerPicker(slo.layers, by, view) },
          chartPlace('layers'),
          layerTable(data.rows, by, data.range),
        ),
  )
}

const stepWord = (step: string): string => step.replace(/m$/, ' min').replace(/h$/, ' h')

function episodes({ slo, episodes: all }: SloData, view: View): Child {
  if (all.length === 0)
    return panel('Alerts', { key: 'alerts' }, h('p', { class: 'note' }, `${sloTitle(slo)} has never alerted.`))
  return panel(
    'Alerts',
    { key: 'alerts' },
    all.slice(0, 8).map(episode => episodeCard(episode, sloTitle(slo), [], view.nowMs)),
  )
}
