import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml, stringify } from 'yaml'
import { importSloth } from '../../../slo-specs/schema/convert/import-sloth.ts'
import { minuteQuery, minuteRatio, windowQuery } from '../../../slo-specs/schema/convert/promql-window.ts'
import { loadLadder } from '../../../slo-specs/schema/ladder.ts'

const standard = await loadLadder()
const file = 'test/cli/commands/specs/foreign/sloth.yaml'
const text = readFileSync(file, 'utf8')
const convert = (source: string, period: '30d' | '28d' = '30d') =>
  importSloth([{ file: 'sloth.yaml', text: source }], { standard, period, prometheus: 'http://prometheus:9090' })

/** The same as the Kubernetes kind writes it. */
function asKubernetes(source: string): string {
  const { version: _, ...spec } = parseYaml(source)
  const camel = JSON.parse(
    JSON.stringify(spec).replace(
      /"([a-z]+_[a-z_]+)":/g,
      (_match, key: string) => `"${key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}":`,
    ),
  )
  return stringify({
    apiVersion: 'sloth.slok.dev/v1',
    kind: 'PrometheusServiceLevel',
    metadata: { name: 'shop', namespace: 'monitoring' },
    // A metric's own name is no field.
    spec: camel,
  })
}

const one = (sli: string, more = '') => `version: prometheus/v1
service: shop
slos:
  - name: one
    objective: 99
    sli: ${sli}
${more}`
const events = (error: string, total = 'sum(rate(b[{{.window}}]))') =>
  `{events: {error_query: ${JSON.stringify(error)}, total_query: ${JSON.stringify(total)}}}`

describe('SLOs of Sloth', () => {
  it('keep objective, window, queries and who is told, and list what has no counterpart', () => {
    const { definitions, notes, findings } = convert(text)
    expect(findings).toEqual([])
    const slos = definitions.filter(({ kind }) => kind === 'SLO')
    expect(slos.map(({ metadata, spec }) => [metadata.name, spec.objectives, spec.alertPolicies])).toEqual([
      ['shop-requests-availability', [{ targetPercent: 99.95 }], undefined],
      ['shop-queue-delay', [{ targetPercent: 99 }], ['page-only']],
      ['shop-quiet', [{ targetPercent: 95 }], []],
    ])
    expect(slos[0]?.metadata).toEqual({
      name: 'shop-requests-availability',
      labels: { team: 'orders', tier: 'one' },
      annotations: { 'ninefold.dev/runbook': 'https://runbooks.example.org/shop' },
    })
    expect(notes.map(({ line, message }) => `${line} ${message}`)).toEqual([
      expect.stringMatching(/^8 labels .*left out: owner$/),
      expect.stringMatching(
        /^14 of the alerts is left out: the name ShopErrors, the annotation summary, the label routing, the label severity; /,
      ),
      expect.stringMatching(/^19 labels .*left out: owner$/),
      expect.stringMatching(/^19 the SLO shop-Queue Delay is called shop-queue-delay$/),
      expect.stringMatching(/^25 of the alerts is left out: the name QueueDelay; /),
      expect.stringMatching(/^27 labels .*left out: owner$/),
    ])
  })

  it('are the same in the Kubernetes kind, whose metadata is left out', () => {
    const plain = convert(text)
    const kubernetes = convert(asKubernetes(text))
    expect(kubernetes.findings).toEqual([])
    expect(kubernetes.definitions).toEqual(plain.definitions)
    expect(kubernetes.notes.map(({ message }) => message)).toEqual([
      'the metadata of the Kubernetes object is left out',
      ...plain.notes.map(({ message }) => message),
    ])
  })

  it('have the window that Sloth was run with', () => {
    const [, , slo] = convert(one(events('sum(rate(a[{{.window}}]))')), '28d').definitions
    expect(slo?.spec.timeWindow).toEqual([{ duration: '28d', isRolling: true }])
  })

  it.each([
    ['a plugin', one('{plugin: {id: sloth-common/http}}'), 'SPEC_UNSUPPORTED', 6],
    ['a query without a window', one(events('sum(rate(a[5m]))')), 'SPEC_UNSUPPORTED', 6],
    ['a query with another template', one(events('sum(rate(a{x="{{.x}}"}[{{.window}}]))')), 'SPEC_UNSUPPORTED', 6],
    ['100 %', one(events('sum(rate(a[{{.window}}]))')).replace('99', '100'), 'SPEC_OBJECTIVE', 5],
    ['NaN', one(events('sum(rate(a[{{.window}}]))')).replace('99', '.nan'), 'SPEC_NUMBER', 5],
    ['an unknown field', one(events('sum(rate(a[{{.window}}]))'), '    windows: 1'), 'SPEC_UNKNOWN_FIELD', 7],
    ['another version', 'version: prometheus/v2\nservice: a\nslos: []', 'SPEC_WRONG_VALUE', 1],
    ['something else', 'groups: []', 'SPEC_NOT_A_DEFINITION', 1],
    [
      'the same name twice',
      `${one(events('a[{{.window}}]'))}  - {name: one, objective: 9, sli: ${events('a[{{.window}}]')}}`,
      'SPEC_DUPLICATE_NAME',
      7,
    ],
  ])('with %s are a finding with its place, and the rest is carried over', (_what, source, code, line) => {
    const { findings } = convert(source)
    expect(findings.map(finding => [finding.code, finding.line])).toContainEqual([code, line])
  })
})

describe('a query', () => {
  it.each([
    ['sum(rate(a[{{.window}}]))', '60 * (sum(rate(a[1m])))'],
    ['sum(increase(a[{{ .window }}]))', 'sum(increase(a[1m]))'],
    ['sum(rate(a[{{.window}}])) - sum(rate(b[1m]))', '60 * (sum(rate(a[1m])) - sum(rate(b[60s])))'],
    ['max_over_time(a[{{.window}}:30s])', 'max_over_time(a[1m:30s])'],
  ])('%s counts the events of a minute, and becomes itself again', (query, counted) => {
    expect(minuteQuery(query)).toBe(counted)
    expect(windowQuery(counted)).toBe(query.replaceAll(' .window ', '.window').replaceAll('[1m]', '[60s]'))
  })

  it('of a ratio is no number of events', () => {
    expect(minuteRatio('sum(rate(a[{{.window}}])) / sum(rate(b[{{.window}}]))')).toBe(
      'sum(rate(a[1m])) / sum(rate(b[1m]))',
    )
  })

  it('that does not look back over a window has none', () => {
    expect(minuteQuery('sum(a)')).toBeUndefined()
    expect(windowQuery('sum(rate(a[5m]))')).toBeUndefined()
  })
})
