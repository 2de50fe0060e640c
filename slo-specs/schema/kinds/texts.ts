import { z } from 'zod'

/** Forms of text that several kinds share, as patterns, so that the JSON Schemas carry them too. */

export const text = z.string().max(10_000)

/** OpenSLO's shorthand: a whole number and one unit. */
export const durationPattern = /^\d{1,9}[smhdwMQY]$/
export const duration = z.string().regex(durationPattern, 'is not a duration').describe('A duration: 5m, 1h, 30d')

export const moment = z.iso.datetime({ offset: true, error: 'is not a time: write 2026-11-24T02:00:00Z' })

/** What is worked out of the events of a ratio's side. */
export const aggregate = z
  .string()
  .regex(
    /^(count|(sum|uniq|avg|min|max)\([^()]{1,200}\)|quantile\(0?\.\d{1,6}\)\([^()]{1,200}\))$/,
    'is not one of count, sum(x), uniq(x), avg(x), min(x), max(x), quantile(0.99)(x)',
  )

const list = (item: string) => `(?:${item})(?:,(?:${item})){0,60}`
const ruleParts = [
  '(?:INTERVAL|COUNT)=[1-9][0-9]{0,3}',
  'UNTIL=[0-9]{8}(?:T[0-9]{6}Z)?',
  `BYDAY=${list('[-+]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)')}`,
  `BYHOUR=${list('1?[0-9]|2[0-3]')}`,
  `BYMINUTE=${list('[1-5]?[0-9]')}`,
  `BYMONTHDAY=${list('[-+]?(?:[1-9]|[12][0-9]|3[01])')}`,
  `BYMONTH=${list('[1-9]|1[0-2]')}`,
  `BYSETPOS=${list('[-+]?[1-9][0-9]?')}`,
]
/** RFC 5545, section 3.3.10. */
export const recurrenceRule = z
  .string()
  .regex(
    new RegExp(`^FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:${ruleParts.join('|')})){0,8}$`),
    'is no recurrence rule: write FREQ=WEEKLY;BYDAY=SU as RFC 5545 has it',
  )

export const share = z.number().min(0, 'is a share from 0 to 1').max(1, 'is a share from 0 to 1')
export const names = z.array(z.string()).min(1, 'has no entry')
