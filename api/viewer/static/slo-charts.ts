import { type ChartContent, drawChart } from './chart.ts'
import type { Marks } from './chart-marks.ts'
import { describeDuration, formatBudget, formatBurnRate, formatObjective, formatRatio, formatSli } from './format.ts'
import { layerWord } from './pickers.ts'
import type { SloData } from './slo-detail.ts'

const seconds = (iso: string): number => Date.parse(iso) / 1000
/** More lines than these nobody tells apart. */
export const mostLines = 8

/** The three pictures of an SLO, with what happened drawn into each. */
export function drawSloCharts(data: SloData, root: Element): void {
  const place = (key: string) => root.querySelector<HTMLElement>(`[data-chart="${key}"]`)
  const draw = (key: string, content: ChartContent) => {
    const found = place(key)
    if (found !== null) drawChart(found, content)
  }
  const events = eventsOf(data)
  draw('budget', budgetChart(data, events))
  draw('burn', burnChart(data, events))
  draw('layers', layerChart(data, events))
}

/** Alert episodes as regions and deployments as moments; a ticket that a page inhibits would only cover it. */
function eventsOf({ episodes, deployments, corrections }: SloData): Marks {
  const now = Date.now() / 1000
  const regions = episodes
    .filter(episode => episode.firedAt !== null && !episode.inhibited)
    .map(({ severity, firedAt, resolvedAt, state }) => ({
      from: seconds(firedAt ?? ''),
      to: resolvedAt === null ? now : seconds(resolvedAt),
      label:
        severity === 'page'
          ? state === 'firing'
            ? 'Page, firing'
            : 'Page'
          : severity === 'ticket'
            ? 'Ticket'
            : 'No data',
      tone: severity === 'page' ? ('page' as const) : ('ticket' as const),
    }))
  const leftOut = corrections.flatMap(({ name, reason, spans }) =>
    spans.map(({ from, to }) => ({
      from: seconds(from),
      to: seconds(to),
      label: `Corrected: ${name}`,
      reason,
      tone: 'corrected' as const,
    })),
  )
  return {
    regions: [...leftOut, ...regions],
    moments: deployments.map(({ version, firstSeen }) => ({ at: seconds(firstSeen), label: `Version ${version}` })),
  }
}

function budgetChart({ points, range }: SloData, events: Marks): ChartContent {
  const values = points.map(point => point.budgetRemainingRatio)
  const known = values.filter(value => value !== null)
  const from = known[0]
  const to = known.at(-1)
  const change =
    from === undefined || to === undefined ? 'no data' : `from ${formatBudget(from)} to ${formatBudget(to)}`
  return {
    ...events,
    summary: `Error budget left over the ${range.spoken}: ${change}.`,
    times: points.map(point => seconds(point.at)),
    lines: [{ label: 'Budget left', values }],
    format: formatBudget,
    sight: [0, 1],
    ...(Math.max(...known, 0) <= 1 ? { ceiling: 1.02 } : {}),
    limits: [{ value: 0, label: 'Budget spent' }],
  }
}

function burnChart({ points, range, slo }: SloData, events: Marks): ChartContent {
  const values = points.map(point => point.burnRate)
  const highest = Math.max(0, ...values.filter(value => value !== null))
  const limits = slo.alerts.flatMap(({ severity, conditions }) =>
    conditions.map(({ threshold, longWindowSeconds }) => ({
      value: threshold,
      label: `${severity === 'page' ? 'Page' : 'Ticket'} at ${Math.round(threshold * 100) / 100}× over ${describeDuration(longWindowSeconds)}`,
    })),
  )
  const lowestPage = Math.min(
    ...slo.alerts
      .filter(rule => rule.severity === 'page')
      .flatMap(rule => rule.conditions.map(({ threshold }) => threshold)),
  )
  return {
    ...events,
    summary: `Burn rate over the ${range.spoken}: highest ${formatBurnRate(highest)} times what the budget allows.`,
    times: points.map(point => seconds(point.at)),
    lines: [{ label: 'Burn rate', values }],
    format: rate => `${formatBurnRate(rate).replace(/\.?0+$/, '')}×`,
    sight: [0, Number.isFinite(lowestPage) ? lowestPage : 2],
    limits,
  }
}

/** Line graphs of the values with the most bad events. */
function layerChart({ series, rows, by, range, slo }: SloData, events: Marks): ChartContent {
  const order = new Map(rows.map((row, index) => [row.value, index]))
  const shown = [...series]
    .sort((a, b) => (order.get(a.value) ?? 999) - (order.get(b.value) ?? 999))
    .slice(0, mostLines)
  const times = [...new Set(shown.flatMap(line => line.points.map(point => seconds(point.at))))].sort((a, b) => a - b)
  const lines = shown.map(({ value, points }) => {
    const known = new Map(points.map(point => [seconds(point.at), point.sli]))
    return { label: value, values: times.map(time => known.get(time) ?? null) }
  })
  const lowest = Math.min(slo.objective, ...lines.flatMap(line => line.values.filter(value => value !== null)))
  const [worst] = rows
  const spoken =
    worst === undefined
      ? ''
      : ` Worst: ${worst.value || '(none)'} with ${formatSli(worst.sli, slo.objective, slo.objectiveText)}.`
  return {
    ...events,
    summary: `SLI by ${layerWord(by)} over the ${range.spoken}, ${lines.length} lines.${spoken}`,
    times,
    lines,
    format: ratio => formatRatio(ratio, { digits: lowest < 0.5 ? 0 : lowest < 0.98 ? 1 : lowest < 0.995 ? 2 : 3 }),
    sight: [Math.min(lowest, 1 - (1 - slo.objective) * 2), 1],
    ceiling: 1 + (1 - lowest) * 0.04,
    limits: [{ value: slo.objective, label: `Objective ${formatObjective(slo.objective)}` }],
  }
}
