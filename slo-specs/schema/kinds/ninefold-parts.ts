import { parseField, parseFilter } from '../filter/parse-filter.ts'
import type { Filter, Signal } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'

/** The entries of a list; none where there is no list. */
export function items(list: YamlValue | undefined): YamlValue[] {
  return Array.isArray(list?.value) ? list.value.flatMap((_, index) => list.child(index) ?? []) : []
}

/** A filter over a signal, which an earlier check has found to be one; traces when none is said. */
export function checkFilter(at: YamlValue | undefined, signal: unknown, context: Resolving): void {
  if (at !== undefined) readFilterOver(at, signalOf(signal), context)
}

/** A filter over the events of a signal; undefined after reporting what is wrong. */
export function readFilterOver(
  at: YamlValue,
  signal: Signal,
  { report }: Pick<Resolving, 'report'>,
): Filter | undefined {
  const { filter, problems } = parseFilter(String(at.value), signal)
  for (const { code, offset, message } of problems) report(code, at.positionInText(offset), message)
  return filter === null ? undefined : { ...filter, position: at.position }
}

/** Exactly one of two fields is given. */
export function checkEither(
  spec: YamlValue,
  [one, other]: readonly [string, string],
  { report }: Pick<Resolving, 'report'>,
): void {
  const second = spec.child(other)
  if (spec.child(one) === undefined && second === undefined)
    report('SPEC_MISSING_FIELD', spec.keyPosition, `${one} or ${other} is missing`)
  if (spec.child(one) !== undefined && second !== undefined)
    report('SPEC_WRONG_VALUE', second.keyPosition, `give ${one} or ${other}, not both`)
}

/** `{signal, filter, value}`: the filter, and the field that is worked with. */
export function checkSide(side: YamlValue | undefined, context: Resolving): void {
  const signal = side?.child('signal')?.value
  if (side === undefined || signal === undefined) return
  checkFilter(side.child('filter'), signal, context)
  const value = side.child('value')
  if (value !== undefined) checkField(value, String(value.value), signal, context)
}

function checkField(at: YamlValue, text: string, signal: unknown, { report }: Resolving): void {
  const field = parseField(text, signalOf(signal))
  if ('problem' in field) report('SPEC_FILTER_TYPE', at.position, field.problem)
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics', 'synthetics', 'events', 'costs']

function signalOf(written: unknown): Signal {
  return signals.find(name => name === written) ?? 'traces'
}

/** Names of steps tell them apart in results. */
export function checkUnique(list: YamlValue | undefined, { report }: Pick<Resolving, 'report'>): void {
  const taken = new Set<unknown>()
  for (const item of items(list)) {
    const name = item.child('name')
    if (name !== undefined && taken.has(name.value))
      report('SPEC_DUPLICATE_NAME', name.position, `there is already a step ${String(name.value)}`)
    taken.add(name?.value)
  }
}
