import { formatDecimal, parseDecimal } from '../decimal.ts'
import type { TimeSlices, TimeWindow } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { readDuration } from './time-window.ts'

/** Slices are summed from minutes, which are kept for a hundred days. */
const longestWindowSeconds = 90 * 86_400

/** How the window is cut for an objective of the method Timeslices; undefined after reporting what is wrong. */
export function readTimeSlices(
  item: YamlValue,
  window: TimeWindow,
  noData: TimeSlices['noData'],
  { report }: Resolving,
): TimeSlices | undefined {
  const length = item.child('timeSliceWindow')
  const target = item.child('timeSliceTarget')
  const minutes = typeof length?.value === 'number' ? length.value : undefined
  const seconds = minutes === undefined ? readDuration(length, { report }) : minutes * 60
  const targetText = readTarget(target, item, { report })
  if (length === undefined) report('SPEC_TIME_SLICE', item.position, 'Timeslices need a timeSliceWindow')
  if (length === undefined || seconds === undefined || targetText === undefined) return undefined
  const refuse = (message: string) => report('SPEC_TIME_SLICE', length.position, message)
  const text = minutes === undefined ? String(length.value) : `${minutes} minutes`
  if (seconds < 60 || seconds % 60 !== 0) refuse(`a slice of ${text} is not one or more whole minutes`)
  else if (seconds > window.seconds) refuse(`a slice of ${text} is longer than the window of ${window.text}`)
  else if (window.kind === 'calendar' && 900 % seconds !== 0)
    refuse(`slices of a calendar window are 1m, 3m, 5m or 15m, so that one begins with each period; not ${text}`)
  else if (window.seconds > longestWindowSeconds)
    report('SPEC_UNSUPPORTED', length.position, 'time slices of windows beyond 90d cannot be evaluated yet')
  else return { seconds, targetText, noData }
  return undefined
}

function readTarget(target: YamlValue | undefined, item: YamlValue, { report }: Pick<Resolving, 'report'>) {
  if (target === undefined) {
    report('SPEC_TIME_SLICE', item.position, 'Timeslices need a timeSliceTarget')
    return undefined
  }
  const decimal = parseDecimal(target.source ?? '')
  if (decimal !== undefined && decimal.numerator > 0n && decimal.numerator <= decimal.denominator)
    return formatDecimal(decimal)
  report('SPEC_TIME_SLICE', target.position, `timeSliceTarget ${target.source ?? ''} is not above 0 and up to 1`)
  return undefined
}

/** Fields of time slices in an objective that is not cut would promise what nobody judges. */
export function refuseTimeSlices(item: YamlValue, { report }: Resolving): void {
  for (const name of ['timeSliceTarget', 'timeSliceWindow']) {
    const field = item.child(name)
    if (field !== undefined)
      report('SPEC_WRONG_VALUE', field.keyPosition, `${name} belongs to the budgetingMethod Timeslices`)
  }
}
