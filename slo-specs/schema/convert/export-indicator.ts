import { writeFilter } from '../filter/write-filter.ts'
import type {
  CompositeIndicator,
  Filter,
  Indicator,
  QueriedIndicator,
  QuerySource,
  RatioIndicator,
  Slo,
} from '../model.ts'

const ops = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const

/** An indicator as the `spec` of an OpenSLO SLI. */
export function sliSpecOf(indicator: Exclude<Indicator, CompositeIndicator>) {
  return indicator.kind === 'queried' ? queriedSpec(indicator) : { ratioMetric: ratioOf(indicator) }
}

/** What an objective says of values that a query gives. */
export function judgementOf({ indicator }: Slo) {
  if (indicator.kind !== 'queried' || indicator.meaning.kind !== 'threshold') return {}
  return { op: ops[indicator.meaning.comparison], value: indicator.meaning.value }
}

/** The data sources that SLOs refer to by name, each once. */
export function dataSourcesOf(slos: readonly Slo[]) {
  const sources = new Map<string, Extract<QuerySource, { type: 'prometheus' }>>()
  for (const { indicator } of slos)
    if (indicator.kind === 'queried' && indicator.source.type === 'prometheus')
      sources.set(indicator.source.name, indicator.source)
  return [...sources.values()].map(({ name, type: _, ...connectionDetails }) => ({
    name,
    spec: { type: 'prometheus', connectionDetails },
  }))
}

function ratioOf({ signal, total, good, bad, shareOf }: RatioIndicator) {
  const source = ({ expression }: Filter) => ({
    metricSource: { type: 'telemetry', spec: { signal, filter: writeFilter(expression) } },
  })
  if (shareOf !== undefined) return { raw: source(total), rawType: rawTypeOf(shareOf) }
  const part = good === undefined ? { bad: source(bad ?? total) } : { good: source(good) }
  return { ...part, total: source(total) }
}

const rawTypeOf = (shareOf: 'good' | 'bad') => (shareOf === 'good' ? 'success' : 'failure')

function queriedSpec({ source, meaning, layerLabels }: QueriedIndicator) {
  const layers = Object.keys(layerLabels).length === 0 ? {} : { layers: layerLabels }
  const whom = source.type === 'prometheus' ? { metricSourceRef: source.name } : { type: source.type }
  const metric = (query: string) => ({ metricSource: { ...whom, spec: { query, ...layers } } })
  switch (meaning.kind) {
    case 'counts': {
      const { isCounter, part, partIs, total } = meaning
      return { ratioMetric: { ...(isCounter ? { counter: true } : {}), [partIs]: metric(part), total: metric(total) } }
    }
    case 'raw':
      return { ratioMetric: { raw: metric(meaning.query), rawType: rawTypeOf(meaning.shareOf) } }
    case 'threshold':
      return { thresholdMetric: metric(meaning.query) }
  }
}
