import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from './parse.ts'

/** Own files in the shapes of the specification's published examples and of the files that its schema is tested with. */
const folder = 'test/slo-specs/openslo'
const files = readdirSync(folder).sort()
const textOf = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
/** A first line `# expects: CODE, CODE`; nothing is wrong with a file without one. */
const expectedOf = (text: string) =>
  (/^# expects: (.*)$/m.exec(text)?.[1] ?? '').split(', ').filter(code => code !== '')

describe('a file in the shape of a published OpenSLO example', () => {
  it.each(files)('%s is read with the findings that it says', file => {
    const text = textOf(file)
    const { findings, specs } = parse(text)
    expect([...new Set(findings.map(({ code }) => code))].sort(), JSON.stringify(findings)).toEqual(
      expectedOf(text).sort(),
    )
    expect(specs === null).toBe(expectedOf(text).length > 0)
  })
})

describe('what a field may be', () => {
  it('is as wide as the specification has it', () => {
    const specs = parse(textOf('slo-calendar-time-slices.yaml')).specs
    expect(specs?.slos[0]).toMatchObject({
      labels: { env: 'staging,prod', team: 'library,reading-room' },
      timeSlices: { seconds: 60, targetText: '0.95' },
      window: { calendar: { unit: 'w', startTime: '2022-01-01 12:00:00', timeZone: 'America/New_York' } },
    })
    const [slo] = parse(textOf('slo-indicator-ref-calendar.yaml')).specs?.slos ?? []
    expect(slo?.alerts).toMatchObject([{ severity: 'page', targets: ['porter-on-call'], conditions: [{ op: 'gte' }] }])
  })
})
