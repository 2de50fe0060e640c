import { checkShape } from '../check-shape.ts'
import type { Definition } from '../definitions.ts'
import type { QueriedIndicator, QueryMeaning, QuerySource } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { hashOf } from './revision.ts'
import { clickhouseShape, prometheusConnectionShape, prometheusShape } from './shapes.ts'
import { dataSourceOf, type SourceType } from './source-type.ts'

/** One query and where it is asked. */
export interface QueryRead extends Pick<QueriedIndicator, 'source' | 'layerLabels'> {
  readonly query: string
  readonly at: YamlValue
}

/** A thresholdMetric over a query, which an objective's `op` and `value` judge. */
export interface QueriedThreshold extends Pick<QueriedIndicator, 'name' | 'source' | 'layerLabels'> {
  readonly kind: 'queried-threshold'
  readonly query: string
}

/** A metric whose counts a query gives; undefined after reporting what is wrong. */
export function readQuery(metric: YamlValue, type: SourceType, context: Resolving): QueryRead | undefined {
  const { report } = context
  const source = metric.child('metricSource')
  const spec = source?.child('spec')
  if (source === undefined) return undefined
  if (spec === undefined) {
    report('SPEC_MISSING_FIELD', source.keyPosition, 'spec is missing')
    return undefined
  }
  if (type === 'clickhouse') {
    const shape = checkShape(clickhouseShape, spec, report)
    if (shape === undefined || !asksItsRange(shape.query, spec, context)) return undefined
    return { source: { type }, query: shape.query, layerLabels: {}, at: spec }
  }
  const shape = checkShape(prometheusShape, spec, report)
  const prometheus = readPrometheus(source, context)
  if (shape === undefined || prometheus === undefined) return undefined
  return { source: prometheus, query: shape.query, layerLabels: shape.layers ?? {}, at: spec }
}

/** A query over all of time would be run again and again for each minute. */
function asksItsRange(query: string, spec: YamlValue, { report }: Resolving): boolean {
  const missing = ['from', 'to'].filter(name => !new RegExp(`\\{\\s*${name}\\s*:\\s*DateTime\\s*\\}`).test(query))
  if (missing.length === 0) return true
  const wanted = missing.map(name => `{${name}:DateTime}`).join(' and ')
  report(
    'SPEC_QUERY',
    spec.child('query')?.position ?? spec.position,
    `the query does not ask for its range: ${wanted}`,
  )
  return false
}

/** The Prometheus that a source names, or the only one there is. */
function readPrometheus(source: YamlValue, context: Resolving): QuerySource | undefined {
  const { report, catalogue } = context
  const named = source.child('metricSourceRef') !== undefined
  const all = [...(catalogue.get('DataSource')?.values() ?? [])].filter(isPrometheus)
  const definition = named ? dataSourceOf(source, context) : all.length === 1 ? all[0] : undefined
  if (definition === undefined) {
    const message = 'several Prometheus or none: metricSourceRef says which DataSource answers the query'
    if (!named) report('SPEC_MISSING_REFERENCE', source.keyPosition, message)
    return undefined
  }
  if (!isPrometheus(definition)) {
    const message = `DataSource ${definition.metadata.name} is no Prometheus`
    report('SPEC_WRONG_VALUE', source.child('metricSourceRef')?.position ?? source.position, message)
    return undefined
  }
  return readConnection(definition, context)
}

const isPrometheus = ({ spec }: Definition) => String(spec.child('type')?.value).toLowerCase() === 'prometheus'

/** The address of a Prometheus, and under which names its secrets are found; undefined after reporting what is wrong. */
export function readConnection({ spec, metadata }: Definition, { report }: Resolving): QuerySource | undefined {
  const details = spec.child('connectionDetails')
  if (details === undefined) {
    report('SPEC_DATA_SOURCE', spec.keyPosition, 'a Prometheus needs connectionDetails with its url')
    return undefined
  }
  const shape = checkShape(prometheusConnectionShape, details, report)
  if (shape === undefined) return undefined
  const refuse = (name: string, message: string) => {
    report('SPEC_DATA_SOURCE', details.child(name)?.position ?? details.position, message)
    return undefined
  }
  const url = URL.parse(shape.url)
  if (url === null || !/^https?:$/.test(url.protocol)) return refuse('url', 'url is no http or https address')
  if (url.username !== '' || url.password !== '') return refuse('url', 'a url carries no user and no password')
  if (url.search !== '' || url.hash !== '') return refuse('url', 'url is the address of the server, without parameters')
  if ((shape.username === undefined) !== (shape.passwordSecret === undefined))
    return refuse('username', 'username and passwordSecret belong together')
  if (shape.username !== undefined && shape.bearerTokenSecret !== undefined)
    return refuse('bearerTokenSecret', 'give a password or a bearer token, not both')
  const { username, passwordSecret, bearerTokenSecret } = shape
  return {
    type: 'prometheus',
    name: metadata.name,
    url: shape.url.replace(/\/$/, ''),
    ...(username === undefined ? {} : { username }),
    ...(passwordSecret === undefined ? {} : { passwordSecret }),
    ...(bearerTokenSecret === undefined ? {} : { bearerTokenSecret }),
  }
}

/** The indicator with the name that its counts are received under: it follows what is asked and of whom, not under which address. */
export function queriedIndicator(of: {
  readonly name: string
  readonly source: QuerySource
  readonly layerLabels: QueriedIndicator['layerLabels']
  readonly meaning: QueryMeaning
}): QueriedIndicator {
  const { name, source, layerLabels, meaning } = of
  const whom = source.type === 'prometheus' ? source.name : ''
  const signal = `${source.type}/${hashOf([whom, meaning, Object.entries(layerLabels).sort()])}`
  return { kind: 'queried', name, signal, source, meaning, layerLabels }
}
