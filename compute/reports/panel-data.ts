import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { readBurnRates } from './history.ts'
import type { PanelCell, PanelData, PanelReport, PanelRequest } from './panel-report.ts'
import { bounded, column, panelSteps, rowLimit, series, steppedRange, time } from './panel-rows.ts'
import { pipelinePanel } from './pipeline-panel.ts'
import { ratioPanel } from './ratio-panels.ts'
import type { RatioReports } from './ratio-reports.ts'
import type { HistoryRange, Reports, TimeRange } from './reports.ts'

/** The data of panels, from the reports; nothing here computes a number of its own. */
export interface PanelReader {
  /** @throws API_BAD_REQUEST when an SLO is wanted and none is named, API_NOT_FOUND when there is none of that name. */
  read(report: PanelReport, request: PanelRequest): Promise<PanelData>
}

const mostSlos = 20
/** Of a burn rate, whose highest within each step is shown. */
const mostFinePoints = 10_000

export function createPanelReader(options: {
  readonly reader: Reader
  readonly reports: Reports
  readonly ratios: RatioReports
  readonly specs: () => SpecSet
  readonly clock: Clock
}): PanelReader {
  const { reader, reports, ratios, specs, clock } = options
  const sloOf = ({ slo: name }: PanelRequest): Slo => {
    if (name === undefined) throw new NinefoldError('API_BAD_REQUEST', 'this panel shows one SLO: name it with var-slo')
    const slo = specs().slos.find(each => each.name === name)
    if (slo === undefined) throw new NinefoldError('API_NOT_FOUND', `there is no SLO named ${JSON.stringify(name)}`)
    return slo
  }
  return {
    read: async (report, request) => {
      const range = steppedRange(request.range)
      switch (report.kind) {
        case 'slo-table':
          return sloTable(reports, request)
        case 'budgets':
          return budgets(reports, request, range)
        case 'alerts':
          return alerts(reports, request.range)
        case 'sli':
        case 'budget': {
          const status = await reports.status(sloOf(request).name)
          const hasData = status !== undefined && status.status !== 'no-data'
          const value = report.kind === 'sli' ? status?.sli : status?.errorBudget.remainingRatio
          return bounded([column(report.kind === 'sli' ? 'sli' : 'left', 'number')], hasData ? [[value ?? null]] : [])
        }
        case 'events': {
          const points = await reports.history(sloOf(request).name, range)
          const rows = points.map(({ atMs, good, valid }) => [atMs, good, valid - good])
          return series([time, column('good', 'count'), column('bad', 'count')], rows, range)
        }
        case 'budget-over-time':
          return budgetsOf(reports, [sloOf(request).name], range)
        case 'burn-rate':
          return burnRates(reader, sloOf(request), report.windowSeconds, range, clock.now())
        case 'layer-series': {
          const found = await reports.layerHistory(sloOf(request).name, request.layer, range)
          const rows = found.flatMap(({ value, points }) => points.map(({ atMs, sli }) => [atMs, value, sli]))
          return series([time, column('label', 'text'), column('sli', 'number')], rows, range)
        }
        case 'layer-table':
          return layerTable(reports, sloOf(request).name, request)
        case 'ratio-table':
        case 'ratio-lines':
        case 'ratio-layers':
          return ratioPanel(ratios, report.kind, request, range)
        default:
          return pipelinePanel(reader, report.kind, range)
      }
    },
  }
}

async function statusesOf(reports: Reports, { services }: PanelRequest) {
  const statuses = await reports.listStatuses()
  return services.length === 0 ? statuses : statuses.filter(({ service }) => services.includes(service))
}

async function sloTable(reports: Reports, request: PanelRequest): Promise<PanelData> {
  const columns = [
    ...[column('SLO', 'text'), column('Service', 'text'), column('Objective', 'number'), column('SLI', 'number')],
    ...[column('Budget left', 'number'), column('Valid events', 'count'), column('Bad events', 'count')],
  ]
  const statuses = (await statusesOf(reports, request)).filter(({ status }) => status !== 'no-data')
  const rows = statuses.map(({ name, service, objective, sli, errorBudget, valid, bad, members }) => {
    // A composite counts no events of its own.
    const events = members.length > 0 ? [null, null] : [valid, bad]
    return [name, service, objective, sli, errorBudget.remainingRatio, ...events]
  })
  return bounded(columns, rows)
}

async function budgets(reports: Reports, request: PanelRequest, range: HistoryRange): Promise<PanelData> {
  const names = (await statusesOf(reports, request)).map(({ name }) => name)
  const data = await budgetsOf(reports, names.slice(0, mostSlos), range)
  return { ...data, omitted: Math.max(0, names.length - mostSlos) }
}

async function budgetsOf(reports: Reports, names: readonly string[], range: HistoryRange): Promise<PanelData> {
  const rows: PanelCell[][] = []
  for (const name of names) {
    for (const { atMs, budgetRemainingRatio } of await reports.history(name, range))
      if (budgetRemainingRatio !== null) rows.push([atMs, name, budgetRemainingRatio])
  }
  return series([time, column('label', 'text'), column('left', 'number')], rows, range)
}

async function burnRates(
  reader: Reader,
  slo: Slo,
  windowSeconds: number,
  range: HistoryRange,
  nowMs: number,
): Promise<PanelData> {
  const { fromMs, toMs, stepSeconds } = range
  const isFine = (seconds: number) =>
    windowSeconds % seconds === 0 && (toMs - fromMs) / 1000 / seconds <= mostFinePoints
  const fine = panelSteps.find(isFine) ?? stepSeconds
  const highest = new Map<number, number | null>()
  for (const { atMs, rate } of await readBurnRates(
    reader,
    slo,
    windowSeconds,
    { ...range, stepSeconds: fine },
    nowMs,
  )) {
    const stepMs = stepSeconds * 1000
    const at = Math.floor(atMs / stepMs) * stepMs
    const known = highest.get(at) ?? null
    highest.set(at, rate === null || (known !== null && known > rate) ? known : rate)
  }
  return series([time, column('burn', 'number')], [...highest], range)
}

async function alerts(reports: Reports, range: TimeRange): Promise<PanelData> {
  const columns = [
    ...[column('SLO', 'text'), column('Severity', 'text'), column('State', 'text'), column('Fired', 'time')],
    ...[column('Resolved', 'time'), column('Budget left', 'number'), column('Version', 'text')],
  ]
  const episodes = await reports.episodes({ range, limit: rowLimit })
  const fired = episodes.filter(({ firedAtMs }) => firedAtMs !== null && firedAtMs >= range.fromMs)
  const rows = fired.map(({ slo, severity, state, firedAtMs, resolvedAtMs, budgetRemainingRatio, suspectVersion }) => [
    ...[slo, severity, state, firedAtMs, resolvedAtMs, budgetRemainingRatio, suspectVersion],
  ])
  return bounded(columns, rows)
}

async function layerTable(reports: Reports, slo: string, { layer, range }: PanelRequest): Promise<PanelData> {
  const columns = [column('Value', 'text'), column('SLI', 'number'), column('Bad events', 'count')]
  const found = await reports.layers(slo, layer, range)
  const rows = found.map(({ value, sli, good, valid }) => [value, sli, valid - good, valid])
  return bounded([...columns, column('Valid events', 'count')], rows)
}
