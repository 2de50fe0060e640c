import type { Finding } from '../../lib/findings.ts'
import { fieldText } from '../../slo-specs/schema/filter/fields.ts'
import { fieldsOf } from '../../slo-specs/schema/filter/fields-of.ts'
import { collectFindings, type Report } from '../../slo-specs/schema/findings.ts'
import type {
  FieldReference,
  Filter,
  Ratio,
  RatioIndicator,
  Signal,
  Slo,
  SourcePosition,
  SpecSet,
} from '../../slo-specs/schema/model.ts'
import { suggestion } from '../../slo-specs/schema/nearest-name.ts'
import type { Reader } from '../../store/client/store.ts'
import { columnOf, type EventSource, eventSources, lookupOrder } from '../../store/queries/event-sources.ts'
import { mostNames, seenAttributes, tablesOf } from '../../store/queries/seen-attributes.ts'
import { targetOf } from '../budget/budget.ts'
import type { SloStatus } from '../budget/status.ts'
import type { SloPlan, SpecPlan } from './plan-specs.ts'

const lookBackMs = 86_400_000
/** A window that is covered less than this says little of a whole one's traffic. */
const leastCoverage = 0.1

/** What is asked of the events of a signal, by an SLO or by a side of a ratio. */
interface Question {
  readonly name: string
  readonly signal: Signal
  readonly filters: readonly Filter[]
  /** Beside those of the filters. */
  readonly fields: readonly FieldReference[]
  readonly position: SourcePosition
}

/** What the events of the last day have. */
interface Seen {
  readonly source: EventSource
  readonly looked: bigint
  readonly own: ReadonlySet<string>
  readonly resource: ReadonlySet<string>
}

/**
 * What the data says of specs: signals that did not arrive in the last day, attributes that no event of it had, with the nearest name that
 * one did have; and, of SLOs that a plan adds or changes, whether there is traffic enough. Warnings only: what is not there today may come.
 */
export async function findingsOfData(
  reader: Reader,
  specs: Pick<SpecSet, 'slos' | 'ratios'>,
  nowMs: number,
  plan?: SpecPlan,
): Promise<Finding[]> {
  const slos = specs.slos.filter(countsEvents)
  const questions = [...slos.map(questionOf), ...specs.ratios.flatMap(questionsOf)]
  const { report, sorted } = collectFindings()
  const silent = new Set<Signal>()
  for (const signal of new Set(questions.map(question => question.signal))) {
    const seen = await readSeen(reader, signal, nowMs - lookBackMs)
    if (seen === undefined) continue
    if (seen.looked === 0n) silent.add(signal)
    for (const question of questions.filter(each => each.signal === signal)) findInQuestion(question, seen, report)
  }
  for (const planned of plan?.slos ?? []) {
    const slo = slos.find(({ name }) => name === planned.name)
    // What never arrives has been told of.
    if (slo !== undefined && !silent.has(slo.indicator.signal)) findInTraffic(slo, planned, report)
  }
  return sorted()
}

/** Counted from what the store receives; of the others nothing is seen before it is asked for. */
type EventSlo = Slo & { readonly indicator: RatioIndicator }
const countsEvents = (slo: Slo): slo is EventSlo => slo.indicator.kind === 'ratio'

async function readSeen(reader: Reader, signal: Signal, fromMs: number): Promise<Seen | undefined> {
  const source = eventSources[signal]
  if (source === undefined) return undefined
  const own = new Set<string>()
  const resource = new Set<string>()
  let looked = 0n
  for (const table of tablesOf(source))
    for (const row of await reader.query(seenAttributes(source, table), { fromMs })) {
      for (const name of row.own) own.add(name)
      for (const name of row.resource) resource.add(name)
      looked += row.looked
    }
  return { source, looked, own, resource }
}

function questionOf({ name, indicator, position }: EventSlo): Question {
  const { signal, total, good, bad } = indicator
  const filters = [total, good, bad].filter(filter => filter !== undefined)
  return { name, signal, filters, fields: [], position }
}

function questionsOf({ name, numerator, denominator, position }: Ratio): Question[] {
  return [numerator, denominator].map(({ signal, filter, aggregate }) => ({
    name,
    signal,
    filters: [filter],
    fields: aggregate.function === 'count' ? [] : [aggregate.field],
    position: filter.position ?? position,
  }))
}

function findInQuestion({ name, signal, filters, fields, position }: Question, seen: Seen, report: Report): void {
  if (seen.looked === 0n) {
    const message = `${name} counts ${signal}, of which none arrived in the last day`
    report('SPEC_SIGNAL_SILENT', filters[0]?.position ?? position, message)
    return
  }
  const asked = [
    ...filters.flatMap(filter => fieldsOf(filter.expression).map(field => ({ field, at: filter.position }))),
    ...fields.map(field => ({ field, at: undefined })),
  ]
  for (const { field, at } of asked) {
    const known = namesFor(field, seen)
    if (known === undefined || field.scope === 'intrinsic' || known.has(field.name)) continue
    const among = `${seen.looked} ${signal} of the last day`
    const message = `none of ${among} has ${fieldText(field)}${elsewhere(field.name, seen) ?? suggestion(field.name, [...known])}`
    report('SPEC_ATTRIBUTE_UNSEEN', at ?? position, message)
  }
}

/** Where a name is that was looked for in the other place. */
function elsewhere(name: string, { own, resource }: Seen): string | undefined {
  if (own.has(name)) return ` (attributes["${name}"] is there)`
  return resource.has(name) ? ` (resource["${name}"] is there)` : undefined
}

/** The names among which a field's should be; undefined when nothing can be said of it. */
function namesFor(field: FieldReference, { source, own, resource }: Seen): ReadonlySet<string> | undefined {
  // What has a column of its own is in no map; the service's name others may fill alone.
  if (field.scope === 'intrinsic' || field.name === 'service.name' || columnOf(field, source) !== undefined)
    return undefined
  const maps =
    field.scope === 'resource'
      ? [resource]
      : field.scope === 'attribute'
        ? [own]
        : lookupOrder(field.name, source).map(map => (map === 'ResourceAttributes' ? resource : own))
  return maps.some(({ size }) => size >= mostNames) ? undefined : new Set(maps.flatMap(map => [...map]))
}

/** What the traffic of the past says of an SLO that a plan adds or changes. */
function findInTraffic(slo: EventSlo, { after }: SloPlan, report: Report): void {
  if (after === null) return
  const windows = [after.today, ...after.ends]
  if (windows.some(({ valid }) => valid > 0n)) {
    findUnresolvable(slo, windows, report)
    return
  }
  const message = `${slo.name}: total matched nothing in ${slo.window.text}`
  report('SPEC_NO_EVENTS', slo.indicator.total.position ?? slo.position, message)
}

/** Too little traffic in the busiest of the windows to tell the target from 100 %. */
function findUnresolvable(slo: Slo, windows: readonly SloStatus[], report: Report): void {
  const { good, whole } = targetOf(slo.objectiveText)
  const needed = (whole + (whole - good) - 1n) / (whole - good)
  // What a window without gaps would have had.
  const counts = windows.flatMap(({ valid, coverage }) => (coverage < leastCoverage ? [] : [Number(valid) / coverage]))
  const most = Math.max(...counts)
  if (counts.length === 0 || most >= Number(needed)) return
  const what = slo.budgetingMethod === 'Timeslices' ? 'judged slices' : 'valid events'
  const message = `${slo.name} needs ${needed} ${what} in ${slo.window.text} to tell ${slo.objectiveText} from 100 %, the busiest window had ${Math.round(most)}`
  report('SPEC_OBJECTIVE_UNRESOLVABLE', slo.position, message)
}
