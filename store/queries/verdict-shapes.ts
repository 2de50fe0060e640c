import type { EventFilter, Verdict, VerdictCorrection } from './event-filter.ts'
import { type EventSource, eventSources } from './event-sources.ts'
import { fieldSql } from './filter-fields.ts'
import { compileFilter } from './filter-sql.ts'
import type { LeftOut } from './left-out.ts'
import { compileMetricVerdict, type MetricVerdict } from './metric-verdict.ts'
import { type Constant, PlaceholderList } from './placeholders.ts'

/**
 * Verdicts that differ only in constants have one shape: they share a scan in which the constants come from a joined table.
 * Their equalities (`service.name == "…"`) are the join's keys, so an event meets only the verdicts it can belong to.
 */
export interface VerdictShape {
  readonly source: EventSource
  readonly layerColumns: readonly string[]
  /** Join keys: SQL of the field and the index of the constant it equals. */
  readonly keys: readonly { readonly sql: string; readonly constant: number }[]
  /** What is left of the total filter beside the keys; `1` when nothing is. */
  readonly residual: string
  /** 1 when a valid event is good. */
  readonly good: string
  /** Attribute names and patterns, the same for all members. */
  readonly names: readonly string[]
  readonly members: readonly VerdictMember[]
  /** Points of metrics are no events: what is counted of them is worked out for each verdict by itself. */
  readonly metric?: MetricVerdict
  /** Minutes of points of metrics that begin within these spans are not counted. */
  readonly leftOut?: LeftOut
}

export interface VerdictMember {
  readonly slo: string
  readonly revision: string
  readonly constants: readonly Constant[]
  readonly corrections?: readonly VerdictCorrection[]
}

interface ShapeGroup {
  readonly shape: Omit<VerdictShape, 'members'>
  readonly members: VerdictMember[]
}

/** Groups verdicts by shape. Those on signals without events (or without a source yet) are left out and returned apart. */
export function groupVerdicts(verdicts: readonly Verdict[]): {
  readonly shapes: readonly VerdictShape[]
  readonly unsupported: readonly Verdict[]
} {
  const groups = new Map<string, ShapeGroup>()
  const unsupported: Verdict[] = []
  for (const verdict of verdicts) {
    const source = eventSources[verdict.signal]
    if (source === undefined) {
      unsupported.push(verdict)
      continue
    }
    if (source.signal === 'metrics') {
      groups.set(JSON.stringify([verdict.slo, verdict.revision]), metricShape(verdict, source))
      continue
    }
    const { shape, constants } = compileVerdict(verdict, source)
    const key = JSON.stringify([source.signal, shape.layerColumns, shape.keys, shape.residual, shape.good, shape.names])
    const group: ShapeGroup = groups.get(key) ?? { shape, members: [] }
    group.members.push({ ...memberOf(verdict), constants })
    groups.set(key, group)
  }
  return { shapes: [...groups.values()].map(({ shape, members }) => ({ ...shape, members })), unsupported }
}

function metricShape(verdict: Verdict, source: EventSource): ShapeGroup {
  const { layerColumns } = verdict
  const metric = compileMetricVerdict(verdict, source)
  const shape = { source, layerColumns, keys: [], residual: '1', good: '1', names: [], metric }
  return { shape, members: [{ ...memberOf(verdict), constants: [] }] }
}

function memberOf({ slo, revision, corrections }: Verdict) {
  return { slo, revision, ...(corrections === undefined ? {} : { corrections }) }
}

function compileVerdict(verdict: Verdict, source: EventSource) {
  const placeholders = new PlaceholderList()
  const { keys, residual } = compileTotal(verdict.total, source, placeholders)
  const good =
    verdict.good === undefined
      ? `NOT (${compileFilter(verdict.bad ?? never, source, placeholders)})`
      : compileFilter(verdict.good, source, placeholders)
  const shape = {
    source,
    layerColumns: verdict.layerColumns,
    keys,
    residual,
    good,
    names: placeholders.names,
  }
  return { shape, constants: placeholders.constants }
}

/** Which events are looked at: by equalities that a join has for keys, and by what is left (`1` when nothing is). */
export function compileTotal(filter: EventFilter, source: EventSource, placeholders: PlaceholderList) {
  const keys: { sql: string; constant: number }[] = []
  const residual: string[] = []
  for (const conjunct of conjuncts(filter)) {
    const key = joinKey(conjunct, source, placeholders)
    if (key === undefined) residual.push(compileFilter(conjunct, source, placeholders))
    else keys.push(key)
  }
  return { keys, residual: residual.length === 0 ? '1' : residual.join(' AND ') }
}

const never: EventFilter = { op: 'literal', value: { type: 'boolean', value: false } }

function conjuncts(filter: EventFilter): readonly EventFilter[] {
  return filter.op === 'and' ? filter.operands.flatMap(conjuncts) : [filter]
}

/** An equality of a text field with a text that is not empty (an empty one would have to tell missing from empty). */
function joinKey(filter: EventFilter, source: EventSource, placeholders: PlaceholderList) {
  if (filter.op !== 'compare' || filter.comparison !== '==') return undefined
  if (filter.value.type !== 'string' || filter.value.value === '') return undefined
  const field = fieldSql(filter.field, source, placeholders)
  if (field.kind !== 'text') return undefined
  const constant = placeholders.constants.length
  placeholders.constant('String', field.normalise(filter.value.value))
  return { sql: field.text, constant }
}
