import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPlainYaml } from '../../slo-specs/schema/plain-yaml.ts'
import { readAnyYaml } from '../../slo-specs/schema/yaml-documents.ts'
import { sourceText, type YamlValue } from '../../slo-specs/schema/yaml-value.ts'

const limits = { maxDepth: 32, maxValues: 10_000 }
const folders = ['test/slo-specs/openslo', 'test/slo-specs/samples/good', 'test/slo-specs/samples/bad']
const texts = [
  ...folders.flatMap(folder => readdirSync(folder).map(name => readFileSync(`${folder}/${name}`, 'utf8'))),
  ...['cart', 'checkout', 'payments', 'storefront'].map(name =>
    readFileSync(`slo-specs/services/${name}/${name}.yaml`, 'utf8'),
  ),
]

/** Everything that somebody can ask of a value, and of what is in it. */
function described(value: YamlValue): unknown {
  const of = value.value
  const keys = typeof of === 'object' && of !== null ? (Array.isArray(of) ? of.map((_, i) => i) : Object.keys(of)) : []
  const places = typeof of === 'string' ? [0, 1, of.length >> 1, of.length].map(at => value.positionInText(at)) : []
  const { position, keyPosition, source } = value
  return {
    ...{ position, keyPosition, source, places, value: keys.length === 0 ? of : null },
    children: keys.map(key => [key, described(value.child(key) ?? value)]),
  }
}

/** True when the quick reader took the text; then the other one must have said the same. */
function agree(text: string): boolean {
  const from = sourceText('f.yaml', text)
  const quick = readPlainYaml(from, limits)
  if (quick === undefined) return false
  const problems: string[] = []
  const roots = readAnyYaml(from, limits, (code, { line, column }, message) =>
    problems.push(`${line}:${column} ${code} ${message}`),
  )
  expect(problems, text).toEqual([])
  expect(quick.map(described), text).toEqual(roots.map(described))
  return true
}

describe('the quick reader of YAML', () => {
  it('takes nearly every spec, and says of it what the other reader says', () => {
    expect(texts.filter(agree).length).toBeGreaterThan(texts.length * 0.85)
  })

  it('leaves what is odd to the other one', () => {
    const odd = [
      'a: &x 1',
      'a: !!str 1',
      'a:',
      'a: ~',
      '1: a',
      'a: 1\na: 2',
      '<<: {a: 1}',
      '%YAML 1.2\n---\na: 1',
      'a: [',
      'a:\t1',
    ]
    expect(odd.filter(agree)).toEqual([])
  })

  it('agrees on texts damaged anywhere, or leaves them', () => {
    const pieces = fc.constantFrom(
      ...[
        '\n',
        ' ',
        '  ',
        ': ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '#',
        ' #',
        '---\n',
        '...\n',
        ',',
        '? ',
        '\\',
        '|2-\n  ',
      ],
      ...[
        '&a ',
        '*a',
        '!x ',
        '%',
        '@',
        '`',
        '1',
        '0x1',
        '.5',
        'null',
        'true',
        'é',
        '😀',
        '\n\n',
        '\n  ',
        'a: b\n',
        '>-\n    ',
      ],
    )
    let taken = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(20),
        pieces,
        (text, where, removed, piece) => {
          const at = Math.floor(where * text.length)
          if (agree(text.slice(0, at) + piece + text.slice(at + removed))) taken += 1
        },
      ),
      { numRuns: 1500 },
    )
    expect(taken).toBeGreaterThan(300)
  })
})
