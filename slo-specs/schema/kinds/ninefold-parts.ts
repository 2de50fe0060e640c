import { parseField, parseFilter } from '../filter/parse-filter.ts'
import type { Signal } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'

/** The entries of a list; none where there is no list. */
export function items(list: YamlValue | undefined): YamlValue[] {
  return Array.isArray(list?.value) ? list.value.flatMap((_, index) => list.child(index) ?? []) : []
}

/** A filter over a signal, which an earlier check has found to be one; traces when none is said. */
export function checkFilter(at: YamlValue | undefined, signal: unknown, { report }: Resolving): void {
  if (at === undefined) return
  const { problems } = parseFilter(String(at.value), signalOf(signal))
  for (const { code, offset, message } of problems) report(code, at.positionInText(offset), message)
}

/** `{signal, filter, aggregate}` or `{signal, filter, value}`: the filter, and the field that is worked with. */
export function checkSide(side: YamlValue | undefined, context: Resolving): void {
  const signal = side?.child('signal')?.value
  if (side === undefined || signal === undefined) return
  checkFilter(side.child('filter'), signal, context)
  const value = side.child('value')
  if (value !== undefined) checkField(value, String(value.value), signal, context)
  const aggregate = side.child('aggregate')
  const [, , field] = /^(sum|avg|min|max|quantile\([^()]*\))\((.*)\)$/.exec(String(aggregate?.value)) ?? []
  if (aggregate !== undefined && field !== undefined) checkField(aggregate, field, signal, context)
}

function checkField(at: YamlValue, text: string, signal: unknown, { report }: Resolving): void {
  const field = parseField(text, signalOf(signal))
  if ('problem' in field) report('SPEC_FILTER_TYPE', at.position, field.problem)
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics', 'synthetics', 'events', 'costs']

function signalOf(written: unknown): Signal {
  return signals.find(name => name === written) ?? 'traces'
}
