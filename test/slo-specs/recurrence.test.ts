import fc from 'fast-check'
import rrule from 'rrule'
import { expect, it } from 'vitest'
import { occurrencesOf, parseRule } from '../../slo-specs/schema/recurrence-rule.ts'

const dayMs = 86_400_000
const some = (part: string, item: fc.Arbitrary<string | number>) =>
  fc.option(
    fc
      .uniqueArray(item, { minLength: 1, maxLength: 4 })
      .map(items => `;${part}=${items.sort((a, b) => Number(a) - Number(b)).join(',')}`),
    { nil: '' },
  )
const weekday = fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')
const nth = fc.constantFrom('1', '2', '-1', '+3', '5')
const signed = (max: number) => fc.integer({ min: 1, max }).chain(day => fc.constantFrom(day, -day))

/**
 * Rules as the library takes them: in their order, ordinals of weekdays for months and years only. Where some weekdays have an ordinal and
 * others have none it takes the days that are both; RFC 5545 lists days, so it is either, and such rules are left out here.
 */
const rules = fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY').chain(frequency => {
  const isLong = frequency === 'MONTHLY' || frequency === 'YEARLY'
  const numbered = fc.tuple(nth, weekday).map(([n, name]) => `${n}${name}`)
  return fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      some('BYMONTH', fc.integer({ min: 1, max: 12 })),
      frequency === 'WEEKLY' ? fc.constant('') : some('BYMONTHDAY', signed(31)),
      isLong ? fc.oneof(some('BYDAY', weekday), some('BYDAY', numbered)) : some('BYDAY', weekday),
      some('BYHOUR', fc.integer({ min: 0, max: 23 })),
      some('BYMINUTE', fc.integer({ min: 0, max: 59 })),
      fc.option(
        fc.integer({ min: 1, max: 40 }).map(count => `;COUNT=${count}`),
        { nil: '' },
      ),
    )
    .map(([interval, ...parts]) => `FREQ=${frequency};INTERVAL=${interval}${parts.join('')}`)
})

it('a rule comes when the reference implementation says', () => {
  const starts = fc.integer({ min: 0, max: 4 * 366 * 1440 }).map(minute => Date.UTC(2020, 0, 1) + minute * 60_000)
  fc.assert(
    fc.property(rules, starts, fc.constantFrom(null, null, -1, 1, 2, 3), (drawn, begun, position) => {
      const hasMore = /BY(DAY|MONTHDAY|HOUR|MINUTE)/.test(drawn)
      const isChosen = position !== null && hasMore
      const rule = isChosen ? `${drawn};BYSETPOS=${position}` : drawn
      // The library counts places in the first week from its start on, but those of months and years from their beginning.
      const start =
        isChosen && drawn.startsWith('FREQ=WEEKLY') ? begun - ((new Date(begun).getUTCDay() + 6) % 7) * dayMs : begun
      const end = start + 3 * 366 * dayMs
      const options = { ...rrule.RRule.parseString(rule), dtstart: new Date(start), until: new Date(end) }
      const own = [...occurrencesOf(parseRule(rule), start, end).take(30)]
      fc.pre(own.length > 0)
      const set = new rrule.RRule(options)
      const theirs: number[] = []
      set.all((date, index) => {
        theirs.push(date.getTime())
        return index < own.length - 1
      })
      expect(own).toEqual(theirs.slice(0, own.length))
    }),
    { numRuns: 400 },
  )
})
