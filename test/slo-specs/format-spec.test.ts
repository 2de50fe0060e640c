import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { formatSpec } from '../../slo-specs/schema/format-spec.ts'

function formatted(text: string): string {
  const result = formatSpec(text)
  if (!('text' in result)) throw new Error(result.problem)
  return result.text
}

describe('the canonical form of a spec', () => {
  it('has fields in order, comments with what they speak of, and every text, digit and quote as written', () => {
    const text = `# about the file
kind:   SLO   # trailing
apiVersion: openslo/v1
spec:
    # how much
    objectives:
    - target: 0.99900
      displayName: 'yes'

    service: shop
    indicator:
        spec:
          ratioMetric:
            filter: >-
              a == 1
              && b == 2
metadata:
    annotations: {z: "1", a: '2'}
    name: x
`
    expect(formatted(text)).toBe(`# about the file
apiVersion: openslo/v1
kind: SLO # trailing
metadata:
  name: x
  annotations: {z: "1", a: '2'}
spec:
  service: shop
  indicator:
    spec:
      ratioMetric:
        filter: >-
          a == 1
          && b == 2
  # how much
  objectives:
    - displayName: 'yes'
      target: 0.99900
`)
  })

  it('keeps the order where another would put an alias before its anchor', () => {
    const text = 'spec: &a {b: 1}\nmetadata: *a\n'
    expect(formatted(text)).toBe(text)
  })

  it('is what the specs of the demo already have', () => {
    for (const name of ['checkout', 'cart', 'payments', 'storefront']) {
      const text = readFileSync(`slo-specs/services/${name}/${name}.yaml`, 'utf8')
      expect(formatted(text)).toBe(text)
    }
  })

  it('says the same as before and is its own canonical form, whatever is written', () => {
    const key = fc.constantFrom('spec', 'kind', 'metadata', 'apiVersion', 'filter', 'b', 'a', 'labels')
    const leaf = fc.constantFrom<unknown>(
      'x',
      'true',
      '0.999',
      0.5,
      true,
      null,
      'a\nb',
      '# no',
      'it\'s "q"',
      'a: b',
      '',
    )
    const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }))
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 6 }),
      lineWidth: fc.integer({ min: 20, max: 80 }),
      collectionStyle: fc.constantFrom('any' as const, 'flow' as const, 'block' as const),
      blockQuote: fc.constantFrom(true as const, 'folded' as const, 'literal' as const),
    })
    const meaning = (text: string) => {
      const documents = parseAllDocuments(text)
      return 'empty' in documents ? [] : documents.map(document => document.toJS())
    }
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, tree), { minLength: 1, maxLength: 3 }), style, (documents, options) => {
        const text = documents.map(document => stringify(document, options)).join('# between\n---\n')
        const once = formatted(text)
        expect(meaning(once)).toEqual(meaning(text))
        expect(formatted(once)).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  it('of what is no YAML, or nests without end, is a problem and not an exception', () => {
    expect(formatSpec('a: [')).toMatchObject({ offset: 4 })
    expect(formatSpec('['.repeat(100_000))).toHaveProperty('problem')
  })
})
