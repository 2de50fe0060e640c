import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { dataSourceShape } from './shapes.ts'

export const sourceTypes = ['telemetry', 'prometheus', 'clickhouse'] as const
export type SourceType = (typeof sourceTypes)[number]

/**
 * The type of a metric's source, given in place or by the DataSource that is named (there people write `Prometheus`); undefined after
 * reporting that there is none.
 * @param user the SLO that counts with it; of a source that nobody uses, a missing adapter is nobody's problem.
 */
export function sourceTypeOf(
  metric: YamlValue,
  user: YamlValue | undefined,
  context: Resolving,
): SourceType | undefined {
  const source = metric.child('metricSource')
  if (source === undefined) return undefined
  const { report } = context
  const reference = source.child('metricSourceRef')
  const type = source.child('type') ?? dataSourceOf(source, context)?.spec.child('type')
  if (type === undefined) {
    if (reference === undefined) report('SPEC_MISSING_FIELD', source.keyPosition, 'type is missing')
    return undefined
  }
  const written = String(type.value)
  const known = sourceTypes.find(name => name === written.toLowerCase())
  if (known !== undefined) return known
  const from = reference === undefined ? '' : ` (DataSource ${String(reference.value)})`
  const message = `counts with a source of type ${written}${from}, for which there is no adapter`
  if (user !== undefined) report('SPEC_ADAPTER_MISSING', user.position, `${message}${suggestion(written, sourceTypes)}`)
  return undefined
}

/** The DataSource that a metricSource names; undefined when it names none, or after reporting what is wrong. */
export function dataSourceOf(source: YamlValue, context: Resolving): Definition | undefined {
  const reference = source.child('metricSourceRef')
  if (reference === undefined) return undefined
  const of = { kind: 'DataSource' as const, name: String(reference.value), at: reference }
  const definition = resolve(of, { ...context, fallback: reference })
  if (definition === undefined || checkShape(dataSourceShape, definition.spec, context.report) === undefined)
    return undefined
  return definition
}
