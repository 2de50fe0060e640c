import { parseDurationSeconds } from '../../../lib/durations.ts'
import type { TimeWindow } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { readCalendarWindow } from './calendar.ts'

/** Ten years; longer windows have no raw events behind them anywhere. */
const longestSeconds = 3_650 * 86_400

/** The one window of an SLO; undefined after reporting what is wrong. */
export function readTimeWindow(windows: YamlValue | undefined, { report }: Resolving): TimeWindow | undefined {
  if (windows === undefined) return undefined
  const first = windows.child(0)
  const second = windows.child(1)
  if (first === undefined || second !== undefined) {
    const position = second?.position ?? windows.keyPosition
    const given = first === undefined ? 'none' : 'several'
    report('SPEC_WINDOW', position, `exactly one timeWindow is needed, ${given} given`)
    return undefined
  }
  const duration = first.child('duration')
  const text = String(duration?.value ?? '')
  const seconds = readDuration(duration, { report })
  const calendar = first.child('calendar')
  const isRolling = first.child('isRolling')?.value
  if (calendar === undefined && isRolling !== true) {
    const message = 'isRolling is missing: write isRolling true, or a calendar with startTime and timeZone'
    report('SPEC_WINDOW', first.child('isRolling')?.position ?? first.position, message)
  }
  if (seconds === undefined || duration === undefined) return undefined
  if (seconds === 0 || seconds % 60 !== 0 || seconds > longestSeconds) {
    report('SPEC_WINDOW', duration.position, `${text} is not from one minute to ten years in whole minutes`)
    return undefined
  }
  if (calendar !== undefined) return readCalendarWindow({ window: first, calendar, text, seconds }, { report })
  return { kind: 'rolling', seconds, text }
}

/** Seconds of a duration shorthand; undefined after reporting that it is none. */
export function readDuration(at: YamlValue | undefined, { report }: Pick<Resolving, 'report'>): number | undefined {
  if (typeof at?.value !== 'string') return undefined
  const seconds = parseDurationSeconds(at.value)
  if (seconds === undefined)
    report('SPEC_DURATION', at.position, `${JSON.stringify(at.value.slice(0, 40))} is not a duration`)
  return seconds
}
