import { describe, expect, it } from 'vitest'
import { recurringTimes } from '../../slo-specs/schema/recurrence.ts'
import { onlySlo, parse, parseGood, service, sloText } from './parse.ts'

const correction = (spec: string, name = 'maintenance') => `apiVersion: ninefold.dev/v1
kind: Correction
metadata: {name: ${name}}
spec: {slos: [checkout], reason: Announced., approver: head of operations, ${spec}}
`
const once = 'timeRange: {from: 2026-11-21T22:00:00Z, to: 2026-11-22T02:00:00Z}'
const weekly = (rule: string, startTime = '2026-01-04T03:00:00+01:00') =>
  `recurrence: {rule: "${rule}", startTime: ${startTime}, duration: 1h, timeZone: Europe/Berlin}`
const beginnings = (rule: string, from: string, to: string) => {
  const startMs = Date.parse('2026-01-04T02:30:00+01:00')
  const times = recurringTimes({ rule, startMs, durationSeconds: 3600, timeZone: 'Europe/Berlin' })
  if ('problem' in times) return times.problem
  return times
    .within({ fromMs: Date.parse(from), toMs: Date.parse(to) })
    .map(({ fromMs }) => new Date(fromMs).toISOString())
}

describe('corrections of an SLO', () => {
  it('make another revision, by what they leave out and not by what they are called', () => {
    const plain = onlySlo(parseGood(service, sloText()))
    const revisionWith = (...texts: string[]) => onlySlo(parseGood(service, sloText(), ...texts)).revision
    const one = revisionWith(correction(once))
    expect(one).not.toBe(plain.revision)
    expect(revisionWith(correction(once, 'other-name'))).toBe(one)
    expect(revisionWith(correction(`${once}, predicate: {filter: name == "x"}`))).not.toBe(one)
    const both = [correction(once, 'a'), correction(weekly('FREQ=WEEKLY'), 'b')] as const
    expect(revisionWith(...both)).toBe(revisionWith(correction(once, 'b'), correction(weekly('FREQ=WEEKLY'), 'a')))
  })

  it('keep the clocks of their zone over daylight saving', () => {
    // The clocks show 2:30 at half past one UTC in winter, not at all on 29 March (it is the moment of the change), at half past midnight in summer.
    expect(beginnings('FREQ=WEEKLY;BYDAY=SU', '2026-03-20T00:00:00Z', '2026-04-06T00:00:00Z')).toEqual([
      '2026-03-22T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-04-05T00:30:00.000Z',
    ])
  })

  it('end where UNTIL says: a day is meant whole', () => {
    const range = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'] as const
    const first = ['2026-01-04T01:30:00.000Z', '2026-01-11T01:30:00.000Z']
    expect(beginnings('FREQ=WEEKLY;UNTIL=20260111', ...range)).toEqual(first)
    expect(beginnings('FREQ=WEEKLY;UNTIL=20260111T013000Z', ...range)).toEqual(first)
    expect(beginnings('FREQ=WEEKLY;UNTIL=20260111T012959Z', ...range)).toEqual(first.slice(0, 1))
    expect(beginnings('FREQ=WEEKLY;COUNT=2', ...range)).toEqual(first)
  })

  it('merge where one occurrence lasts into the next', () => {
    expect(beginnings('FREQ=DAILY;BYHOUR=2,3', '2026-01-05T00:00:00Z', '2026-01-06T00:00:00Z')).toEqual([
      '2026-01-05T01:30:00.000Z',
    ])
  })

  it.each([
    ['never comes', weekly('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30')],
    ['too often', weekly('FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,5,10,15,20,25,30,35,40')],
    ['a minute of no hour', weekly('FREQ=DAILY;BYMINUTE=60')],
    ['hourly', weekly('FREQ=HOURLY')],
    ['before 2000', weekly('FREQ=DAILY', '1970-01-01T00:00:00Z')],
    ['backwards', 'timeRange: {from: 2026-11-22T02:00:00Z, to: 2026-11-21T22:00:00Z}'],
    ['both', `${once}, ${weekly('FREQ=DAILY')}`],
    ['never', 'description: nothing'],
    ['another signal', `${once}, predicate: {signal: logs, filter: severity == "ERROR"}`],
    ['a filter that is none', `${once}, predicate: {filter: status ==}`],
  ])('are refused with a finding: %s', (_, spec) => {
    const { specs, findings } = parse(service, sloText(), correction(spec))
    expect(specs).toBeNull()
    expect(findings.map(({ code, file, message }) => `${file} ${code} ${message}`)).toMatchSnapshot()
  })
})
