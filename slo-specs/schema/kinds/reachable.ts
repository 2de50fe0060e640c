import type { AlertRule, TimeSlices, TimeWindow } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { Objective } from './objective.ts'

/** Even a total outage burns at only 1/(1 − T): a factor at or above that never fires. */
export function warnOfUnreachable(
  name: string,
  rules: readonly AlertRule[],
  of: Objective,
  { report }: Resolving,
): void {
  const { numerator, denominator } = of.decimal
  const highest = Number(denominator) / Number(denominator - numerator)
  for (const { conditions } of rules) {
    for (const { name: condition, threshold, op } of conditions) {
      if (threshold < highest || op === 'lt' || op === 'lte') continue
      const useful = Math.floor(highest * 1000) / 1000
      const message = `${name} never reaches the burn rate ${threshold} of ${condition}: at ${of.objectiveText} useful factors are below ${useful}`
      report('SPEC_UNREACHABLE_BURN', of.at.position, message)
    }
  }
}

/** More events than this reach nobody: ten million a second. */
const mostEventsASecond = 10_000_000n

/**
 * A target is told from 100 % only by 1/(1 − T) or more events (or slices) in the window; with fewer, one bad one spends more than
 * the whole budget. Slices that are good in parts are no coarser than their events.
 */
export function warnOfUnresolvable(
  name: string,
  of: {
    readonly objective: Objective
    readonly window: TimeWindow
    readonly timeSlices: TimeSlices | undefined
    readonly options: { readonly expectedValid: number | undefined }
  },
  { report }: Resolving,
): void {
  const { numerator, denominator } = of.objective.decimal
  const needed = (denominator + (denominator - numerator) - 1n) / (denominator - numerator)
  const seconds = BigInt(of.window.seconds)
  const { expectedValid } = of.options
  const [possible, what] =
    of.timeSlices?.targetText !== undefined
      ? [seconds / BigInt(of.timeSlices.seconds), 'slices']
      : [expectedValid === undefined ? seconds * mostEventsASecond : BigInt(expectedValid), 'valid events']
  if (possible >= needed) return
  const message = `${name} needs ${needed} ${what} in ${of.window.text} to tell ${of.objective.objectiveText} from 100 %, there are ${possible}`
  report('SPEC_OBJECTIVE_UNRESOLVABLE', of.objective.at.position, message)
}
