import { formatDecimal, parseDecimal } from '../decimal.ts'
import type { BudgetingMethod, TimeSlices, TimeWindow } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { readDuration } from './time-window.ts'

/** Slices are summed from minutes, which are kept for a hundred days. */
const longestWindowSeconds = 90 * 86_400

/** The methods that cut the window; of the mean of all slices none is good or bad by itself. */
export type SlicingMethod = Exclude<BudgetingMethod, 'Occurrences'>

/** How the window is cut for an objective; undefined after reporting what is wrong. */
export function readTimeSlices(
  item: YamlValue,
  { method, window, noData }: { method: SlicingMethod; window: TimeWindow; noData: TimeSlices['noData'] },
  { report }: Resolving,
): TimeSlices | undefined {
  const length = item.child('timeSliceWindow')
  const minutes = typeof length?.value === 'number' ? length.value : undefined
  const seconds = minutes === undefined ? readDuration(length, { report }) : minutes * 60
  const judgement =
    method === 'Timeslices' ? readJudgement(item, { report }) : refuse(item, ['timeSliceTarget'], report)
  if (length === undefined) report('SPEC_TIME_SLICE', item.position, `${method} need a timeSliceWindow`)
  if (length === undefined || seconds === undefined || judgement === undefined) return undefined
  const tell = (message: string) => report('SPEC_TIME_SLICE', length.position, message)
  const text = minutes === undefined ? String(length.value) : `${minutes} minutes`
  if (seconds < 60 || seconds % 60 !== 0) tell(`a slice of ${text} is not one or more whole minutes`)
  else if (seconds > window.seconds) tell(`a slice of ${text} is longer than the window of ${window.text}`)
  else if (window.kind === 'calendar' && 900 % seconds !== 0)
    tell(`slices of a calendar window are 1m, 3m, 5m or 15m, so that one begins with each period; not ${text}`)
  else if (window.seconds > longestWindowSeconds)
    report('SPEC_UNSUPPORTED', length.position, 'time slices of windows beyond 90d cannot be evaluated yet')
  else return { seconds, ...judgement, noData }
  return undefined
}

function readJudgement(item: YamlValue, { report }: Pick<Resolving, 'report'>): { targetText: string } | undefined {
  const target = item.child('timeSliceTarget')
  if (target === undefined) {
    report('SPEC_TIME_SLICE', item.position, 'Timeslices need a timeSliceTarget')
    return undefined
  }
  const decimal = parseDecimal(target.source ?? '')
  if (decimal !== undefined && decimal.numerator > 0n && decimal.numerator <= decimal.denominator)
    return { targetText: formatDecimal(decimal) }
  report('SPEC_TIME_SLICE', target.position, `timeSliceTarget ${target.source ?? ''} is not above 0 and up to 1`)
  return undefined
}

const methodsOf = {
  timeSliceTarget: 'the budgetingMethod Timeslices',
  timeSliceWindow: 'the budgetingMethods Timeslices and RatioTimeslices',
} as const

/** Fields of time slices in an objective that is not cut would promise what nobody judges. */
export function refuseTimeSlices(item: YamlValue, { report }: Resolving): void {
  refuse(item, ['timeSliceTarget', 'timeSliceWindow'], report)
}

/** Nothing is judged by these fields. */
function refuse(item: YamlValue, names: readonly (keyof typeof methodsOf)[], report: Resolving['report']) {
  for (const name of names) {
    const field = item.child(name)
    if (field !== undefined) report('SPEC_WRONG_VALUE', field.keyPosition, `${name} belongs to ${methodsOf[name]}`)
  }
  return {}
}
