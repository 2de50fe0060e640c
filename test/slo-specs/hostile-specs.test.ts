import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingRegistry } from '../../slo-specs/schema/finding-codes.ts'
import { parse, parseGood, service, sloText } from './parse.ts'

const specimen = readFileSync('slo-specs/services/checkout/checkout.yaml', 'utf8')
const codesOf = (text: string) => [...new Set(parse(text).findings.map(({ code }) => code))]

describe('a hostile spec', () => {
  it('damaged anywhere gives findings inside the file or a good set, never an exception', () => {
    const cut = fc.nat(specimen.length)
    const insert = fc.oneof(
      fc.constantFrom(
        '\t',
        '\n',
        ': ',
        '- ',
        '&a ',
        '*a',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '#',
        '---\n',
        '!!x ',
        '<<: *a',
        '\0',
        '￾',
      ),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(cut, fc.nat(30), insert, (at, removed, text) => {
        const damaged = specimen.slice(0, at) + text + specimen.slice(at + removed)
        const lines = damaged.split('\n').length
        const { specs, findings } = parse(damaged)
        expect(specs === null).toBe(findings.some(({ severity }) => severity === 'error'))
        for (const { code, line, column, message } of findings) {
          expect(code in findingRegistry).toBe(true)
          expect(line >= 1 && line <= lines && column >= 1).toBe(true)
          expect(message).not.toBe('')
        }
      }),
      { numRuns: 600 },
    )
  })

  it('of any values in any fields gives findings, never an exception', () => {
    const key = fc.constantFrom(
      ...[
        'apiVersion',
        'kind',
        'metadata',
        'spec',
        'name',
        'annotations',
        'labels',
        'indicator',
        'objectives',
        'target',
      ],
      ...['timeWindow', 'duration', 'alertPolicies', 'conditions', 'condition', 'service', '__proto__', 'constructor'],
    )
    const leaf = fc.oneof(fc.constantFrom('openslo/v1', 'SLO', 'SLI', 'AlertPolicy', 'shop', '30d'), fc.jsonValue())
    const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }))
    const root = fc.record({ apiVersion: fc.constant('openslo/v1'), kind: leaf, metadata: tree, spec: tree })
    fc.assert(
      fc.property(fc.oneof(root, tree), value => {
        const { specs, findings } = parse(JSON.stringify(value))
        expect(specs === null).toBe(findings.some(({ severity }) => severity === 'error'))
      }),
      { numRuns: 600 },
    )
  })

  it.each([
    ['opening brackets', `a: ${'['.repeat(100_000)}`, 'SPEC_NESTED_TOO_DEEP'],
    [
      'nested maps',
      Array.from({ length: 800 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'SPEC_NESTED_TOO_DEEP',
    ],
    ['nested lists', '- '.repeat(100_000), 'SPEC_NESTED_TOO_DEEP'],
    ['aliases', `a: &a [x]\nb: [${'*a, '.repeat(210_000)}]`, 'SPEC_ALIAS_BOMB'],
    ['anchors that are never defined', `a: [${'*b, '.repeat(1000)}]`, 'SPEC_YAML_SYNTAX'],
    ['definitions that are none', '- 1\n'.repeat(20_000), 'SPEC_NOT_A_DEFINITION'],
  ])('of a great many %s ends in a finding', (_what, text, code) => {
    expect(codesOf(text)).toContain(code)
  })

  it('of twenty thousand different keys is read, and of equal ones reported, a bounded number of times', () => {
    const keys = (name: (index: number) => string) =>
      `${service}  ${Array.from({ length: 20_000 }, (_, index) => `${name(index)}: 1`).join('\n  ')}\n`.replace(
        'spec: {}',
        'spec:',
      )
    const { findings } = parse(keys(() => 'same'))
    expect(findings.length).toBeLessThanOrEqual(2001)
    expect(findings.at(-1)?.message).toContain('more findings')
    expect(codesOf(keys(index => `k${index}`))).toEqual(['SPEC_UNKNOWN_FIELD'])
  })

  it('cannot reach the prototype of anything through a key', () => {
    const text = `${service}---\n${sloText({ annotations: '{__proto__: {polluted: yes}, constructor: "x"}' })}`
    expect(parse(text).findings).toEqual([expect.objectContaining({ code: 'SPEC_BAD_LABEL' })])
    const good = parseGood(`${service}---\n${sloText({ annotations: '{constructor: "x"}' })}`)
    expect(good.slos[0]?.annotations).toEqual({ constructor: 'x' })
    expect('polluted' in {}).toBe(false)
  })
})
