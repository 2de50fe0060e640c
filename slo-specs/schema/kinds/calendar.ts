import type { CalendarAlignment, TimeWindow } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'

type Report = Pick<Resolving, 'report'>

/** A calendar-aligned window; undefined after reporting what is wrong. Hours and shorter periods have fixed lengths. */
export function readCalendarWindow(
  of: { readonly window: YamlValue; readonly calendar: YamlValue; readonly text: string; readonly seconds: number },
  context: Report,
): TimeWindow | undefined {
  const { window, calendar, text, seconds } = of
  if (window.child('isRolling')?.value === true) {
    const message = 'a window with a calendar is not rolling: leave isRolling out, or the calendar'
    context.report('SPEC_WINDOW', window.child('isRolling')?.position ?? window.position, message)
    return undefined
  }
  const [, count = '', unit = ''] = /^(\d+)([mhdwMQY])$/.exec(text) ?? []
  const startTime = readStartTime(calendar, context)
  const timeZone = readTimeZone(calendar, context)
  if (startTime === undefined || timeZone === undefined || unit === '') return undefined
  const alignment = { count: Number(count), unit: unit as CalendarAlignment['unit'], startTime, timeZone }
  return { kind: 'calendar', seconds, text, calendar: alignment }
}

/** `2026-01-01 00:00:00`, on a whole minute. */
function readStartTime(calendar: YamlValue, { report }: Report): string | undefined {
  const at = calendar.child('startTime')
  const text = String(at?.value ?? '').trim()
  if (at === undefined) report('SPEC_MISSING_FIELD', calendar.keyPosition, 'startTime is missing')
  else if (!isWholeMinute(text))
    report('SPEC_WINDOW', at.position, `${JSON.stringify(text.slice(0, 40))} is not a time: write 2026-01-01 00:00:00`)
  else return text
  return undefined
}

function isWholeMinute(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:00$/.test(text)) return false
  const time = new Date(`${text.replace(' ', 'T')}Z`)
  // A day that the month does not have would come back as another one.
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10)) && time.getTime() >= 0
}

/** The zone named by `timeZone` of a map. */
export function readTimeZone(calendar: YamlValue, { report }: Report): string | undefined {
  const at = calendar.child('timeZone')
  const zone = String(at?.value ?? '')
  if (at === undefined) report('SPEC_MISSING_FIELD', calendar.keyPosition, 'timeZone is missing')
  else if (!isTimeZone(zone)) {
    const known = [...Intl.supportedValuesOf('timeZone'), 'UTC']
    const message = `${JSON.stringify(zone.slice(0, 60))} is not a time zone${suggestion(zone, known)}`
    report('SPEC_TIME_ZONE', at.position, message)
  } else return zone
  return undefined
}

/** A name, not an offset: offsets know nothing of daylight saving. */
function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
