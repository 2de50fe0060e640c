import { describe, expect, it } from 'vitest'
import { layerNames } from '../../slo-specs/schema/layers.ts'
import { ratioOf } from '../compute/jobs/slos.ts'
import { onlySlo, parse, parseGood, service, sloText } from './parse.ts'

describe('an SLO', () => {
  it('is read with its references resolved and its options', () => {
    const annotations =
      '{ninefold.dev/layers: "pod, region", ninefold.dev/no-data-after: 1h, ninefold.dev/min-valid: "20", other.org/x: y}'
    const slo = onlySlo(parseGood(service, sloText({ annotations })))
    expect(slo).toMatchObject({
      name: 'checkout',
      displayName: 'checkout',
      service: 'shop',
      objective: 0.999,
      objectiveText: '0.999',
      window: { kind: 'rolling', seconds: 2_592_000, text: '30d' },
      layers: ['region', 'pod'],
      noDataAfterSeconds: 3600,
      minValid: 20,
      runbook: '',
      position: { file: '2.yaml', line: 1, column: 1 },
    })
    expect(slo.annotations['other.org/x']).toBe('y')
    expect(onlySlo(parseGood(service, sloText())).layers).toEqual(layerNames)
  })

  it.each([
    ['{target: 0.999}', '0.999'],
    ['{targetPercent: 99.9}', '0.999'],
    ['{targetPercent: 99.90}', '0.999'],
    ['{target: 9.99e-1}', '0.999'],
    ['{target: .5}', '0.5'],
    ['{target: 0}', '0'],
    ['{targetPercent: 99.99999}', '0.9999999'],
  ])('with the objective %s promises %s, to the digit', (objective, text) => {
    const { specs } = parse(service, sloText({ objective, alertPolicies: '[]' }))
    expect(specs?.slos[0]).toMatchObject({ objectiveText: text, objective: Number(text) })
  })

  it('has the same revision however its filter is laid out, and another when it counts something else', () => {
    const revision = (good: string, more = {}) => onlySlo(parseGood(service, sloText({ good, ...more }))).revision
    const base = revision('status != "Error" && duration < duration("300ms")')
    expect(revision('status!="error"\n  && duration("0.3s") > duration // fast')).toBe(base)
    expect(revision('status != "Error" && duration < duration("300ms")', { objective: '{target: 0.99}' })).toBe(base)
    expect(revision('status != "Error" && duration < duration("301ms")')).not.toBe(base)
    const layers = { annotations: '{ninefold.dev/layers: none}' }
    expect(revision('status != "Error" && duration < duration("300ms")', layers)).not.toBe(base)
  })

  it('of an undeclared service brings that service along, with a warning', () => {
    const { specs, findings } = parse(sloText())
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['SPEC_UNDECLARED_SERVICE', 'warning']])
    expect(specs?.services).toMatchObject([{ name: 'shop' }])
  })

  it('can count through an SLI and a DataSource of its own', () => {
    const sli = `- apiVersion: openslo/v1
  kind: DataSource
  metadata: {name: otel}
  spec: {type: telemetry}
- apiVersion: openslo/v1
  kind: SLI
  metadata: {name: errors}
  spec:
    ratioMetric:
      bad: {metricSource: {metricSourceRef: otel, spec: {signal: logs, filter: 'severity >= "ERROR"'}}}
      total: {metricSource: {metricSourceRef: otel, spec: {signal: logs, filter: ''}}}
`
    const text = sloText().replace(/ {2}indicator:[\s\S]*?(?= {2}timeWindow)/, '  indicatorRef: errors\n')
    expect(onlySlo(parseGood(service, sli, text)).indicator).toMatchObject({
      name: 'errors',
      signal: 'logs',
      bad: { text: 'severity >= "ERROR"' },
      total: { expression: { op: 'literal' } },
    })
  })
})

describe('several objectives', () => {
  const threshold = (objective: string) =>
    sloText({ objective }).replace(
      / {6}ratioMetric:[\s\S]*?(?= {2}timeWindow)/,
      `      thresholdMetric: {metricSource: {type: telemetry, spec: {signal: traces, filter: 'kind == "Server"', value: duration}}}\n`,
    )

  it('are several SLOs, called by their names or numbers', () => {
    const objective = '{displayName: "Good enough!", target: 0.99}, {target: 0.999}'
    const { slos } = parseGood(service, sloText({ objective }))
    expect(slos.map(({ name, displayName, objectiveText }) => [name, displayName, objectiveText])).toEqual([
      ['checkout-2', 'checkout', '0.999'],
      ['checkout-good-enough', 'checkout: Good enough!', '0.99'],
    ])
  })

  it('over a threshold judge its value each by their own, and share the counting of what is valid', () => {
    const { slos } = parseGood(
      service,
      threshold(
        '{displayName: fast, target: 0.95, op: lt, value: 0.1}, {displayName: slow, target: 0.99, op: lte, value: 1}',
      ),
    )
    expect(slos.map(slo => ratioOf(slo).good?.expression)).toEqual([
      {
        op: 'compare',
        comparison: '<',
        field: { scope: 'intrinsic', name: 'duration' },
        value: { type: 'duration', value: 100_000_000n },
      },
      {
        op: 'compare',
        comparison: '<=',
        field: { scope: 'intrinsic', name: 'duration' },
        value: { type: 'duration', value: 1_000_000_000n },
      },
    ])
    const [first, second] = slos.map(ratioOf)
    expect(first?.total).toEqual(second?.total)
    expect(slos[0]?.revision).not.toBe(slos[1]?.revision)
  })

  it('may have an indicator each', () => {
    const source = '{metricSource: {type: telemetry, spec: {signal: logs, filter: ""}}}'
    const own = `{target: 0.9, indicator: {metadata: {name: own}, spec: {ratioMetric: {good: ${source}, total: ${source}}}}}`
    const { specs } = parse(service, sloText({ objective: `{target: 0.999}, ${own}` }))
    expect(specs?.slos.map(({ indicator }) => indicator.signal)).toEqual(['traces', 'logs'])
  })
})

describe('time slices and calendars', () => {
  it('are read with their policy for silence', () => {
    const text = sloText({
      annotations: '{ninefold.dev/no-data: bad}',
      objective: '{target: 0.995, timeSliceTarget: 0.950, timeSliceWindow: 5m}',
    }).replace('Occurrences', 'Timeslices')
    expect(onlySlo(parseGood(service, text))).toMatchObject({
      budgetingMethod: 'Timeslices',
      timeSlices: { seconds: 300, targetText: '0.95', noData: 'bad' },
    })
  })

  it('may be good in parts, and have no target then', () => {
    const read = (objective: string) => parse(service, sloText({ objective }).replace('Occurrences', 'RatioTimeslices'))
    const { specs } = read('{target: 0.995, timeSliceWindow: 5m}')
    expect(specs?.slos).toMatchObject([
      { budgetingMethod: 'RatioTimeslices', timeSlices: { seconds: 300, noData: 'ignore' } },
    ])
    expect(specs?.slos[0]?.timeSlices).not.toHaveProperty('targetText')
    const codes = (objective: string) => read(objective).findings.map(({ code }) => code)
    expect(codes('{target: 0.995, timeSliceWindow: 5m, timeSliceTarget: 0.9}')).toEqual(['SPEC_WRONG_VALUE'])
    expect(codes('{target: 0.995}')).toEqual(['SPEC_TIME_SLICE'])
  })

  it('are aligned where startTime and the time zone say', () => {
    const window = '[{duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}}]'
    const text = sloText().replace('[{duration: 30d, isRolling: true}]', window)
    expect(onlySlo(parseGood(service, text)).window).toEqual({
      kind: 'calendar',
      seconds: 2_592_000,
      text: '1M',
      calendar: { count: 1, unit: 'M', startTime: '2026-01-01 00:00:00', timeZone: 'Europe/Berlin' },
    })
  })
})

describe('a set of specs', () => {
  it('has one revision for the same contents in any order of files, and another when a byte changes', () => {
    const revision = (...texts: string[]) => parseGood(...texts).revision
    expect(revision(sloText(), service)).toBe(revision(service, sloText()))
    expect(revision(service, `${sloText()}# note\n`)).not.toBe(revision(service, sloText()))
  })

  it('is refused as a whole with all problems of all files, in order', () => {
    const broken = sloText({ name: 'Bad Name' })
    const { specs, findings } = parse(broken, sloText({ objective: '{target: 1}', window: '45s' }), service)
    expect(specs).toBeNull()
    expect(findings.map(({ file, code }) => `${file} ${code}`)).toEqual([
      '1.yaml SPEC_BAD_NAME',
      '2.yaml SPEC_WINDOW',
      '2.yaml SPEC_OBJECTIVE_100',
    ])
  })

  it('points into the filter, to the character', () => {
    const text = sloText({ good: 'status == "Erorr"' })
    const { findings } = parse(service, text)
    const line = text.split('\n').findIndex(candidate => candidate.includes('Erorr'))
    // In double quotes every quote of the filter is written with a backslash before it.
    const column = (text.split('\n')[line] ?? '').indexOf('\\"Erorr')
    expect(findings).toMatchObject([{ code: 'SPEC_FILTER_TYPE', line: line + 1, column: column + 1 }])
  })

  it('says each problem of a shared SLI once, however many SLOs use it', () => {
    const sli = `apiVersion: openslo/v1
kind: SLI
metadata: {name: shared}
spec:
  ratioMetric:
    good: {metricSource: {type: telemetry, spec: {signal: traces, filter: 'kind == "X"'}}}
    total: {metricSource: {type: telemetry, spec: {signal: traces, filter: ''}}}
`
    const slo = (name: string) =>
      sloText({ name }).replace(/ {2}indicator:[\s\S]*?(?= {2}timeWindow)/, '  indicatorRef: shared\n')
    expect(parse(service, sli, slo('a'), slo('b')).findings.map(({ code }) => code)).toEqual(['SPEC_FILTER_TYPE'])
  })
})
