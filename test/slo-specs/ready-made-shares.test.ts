import { describe, expect, it } from 'vitest'
import { exportOpenSlo } from '../../slo-specs/schema/convert/export-openslo.ts'
import { importOpenSlo } from '../../slo-specs/schema/convert/import-openslo.ts'
import { writeDefinitions } from '../../slo-specs/schema/convert/write-definitions.ts'
import { diffSlos } from '../../slo-specs/schema/diff-slos.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import { onlySlo, parse, parseGood, service, sloText } from './parse.ts'

const ratio = (spec: string, rawType = 'success') =>
  sloText({ alertPolicies: '[]' }).replace(
    /ratioMetric:[\s\S]*?(?= {2}timeWindow)/,
    `ratioMetric: {rawType: ${rawType}, raw: {metricSource: {type: telemetry, spec: ${spec}}}}\n`,
  )
const gauge = `{signal: metrics, filter: 'name == "probe.ratio" && service.name == "shop"'}`

describe('a ready-made share from gauges', () => {
  it.each([
    ['success', 'good'],
    ['failure', 'bad'],
  ])('with rawType %s is that of %s events', (rawType, shareOf) => {
    const { indicator } = onlySlo(parseGood(service, ratio(gauge, rawType)))
    expect(indicator).toMatchObject({ kind: 'ratio', signal: 'metrics', shareOf })
    expect(indicator).not.toHaveProperty('good')
    expect(indicator).not.toHaveProperty('bad')
  })

  it('is another revision when it is the share of the other ones, and a plan names it', () => {
    const [good, bad] = ['success', 'failure'].map(rawType => parseGood(service, ratio(gauge, rawType)))
    if (good === undefined || bad === undefined) throw new Error('two sets are wanted')
    expect(onlySlo(good).revision).not.toBe(onlySlo(bad).revision)
    const text = 'name == "probe.ratio" && service.name == "shop" (ready-made)'
    expect(diffSlos(good, bad)[0]?.fields).toEqual([
      { field: 'good', before: text, after: '', touches: 'counts' },
      { field: 'bad', before: '', after: text, touches: 'counts' },
    ])
  })

  it('is exported as it was written', async () => {
    const specs = parseGood(service, ratio(gauge, 'failure'))
    const { definitions } = exportOpenSlo(specs, await loadLadder())
    const back = importOpenSlo([{ file: 'exported.yaml', text: writeDefinitions(definitions) }])
    const again = parseGood(writeDefinitions(back.definitions))
    expect(onlySlo(again).indicator).toMatchObject({ shareOf: 'bad' })
    expect(onlySlo(again).revision).toBe(onlySlo(specs).revision)
  })

  it.each([
    ['spans', '{signal: traces, filter: duration < duration("1s")}', 'SPEC_UNSUPPORTED'],
    ['all metrics at once', `{signal: metrics, filter: 'service.name == "shop"'}`, 'SPEC_METRIC_NAME'],
    ['values that are asked for', `{signal: metrics, filter: 'name == "x" && value > 0.5'}`, 'SPEC_METRIC_VALUE'],
    ['a value to compare', `{signal: metrics, filter: 'name == "x"', value: value}`, 'SPEC_WRONG_VALUE'],
  ])('is not read from %s', (_what, spec, code) => {
    const { specs, findings } = parse(service, ratio(spec))
    expect([specs, findings.map(finding => finding.code)]).toEqual([null, [code]])
  })
})
