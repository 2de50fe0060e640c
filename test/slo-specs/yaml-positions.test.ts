import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readYaml } from '../../slo-specs/schema/yaml-documents.ts'

const limits = { maxDepth: 32, maxValues: 10_000 }

/** Line and column of the first `#`-marked place, and the text without the marks. */
function positionOfMark(text: string, mark: string) {
  const before = text.slice(0, text.indexOf(mark))
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}

function filterOf(text: string) {
  const findings: string[] = []
  const [root] = readYaml('f.yaml', text, limits, (code, _position, message) => findings.push(`${code} ${message}`))
  expect(findings).toEqual([])
  const filter = root?.child('filter')
  if (filter === undefined) throw new Error('no filter')
  return filter
}

describe('a place inside a text of a YAML file', () => {
  it.each([
    ['plain', 'filter: a == b && § == c'],
    ['plain after a comment and other keys', '# first\nother: 1\nfilter:   a && §'],
    ['plain over several lines', 'filter: a == b &&\n    c == d &&\n\n    § == 1'],
    ['single quotes', "filter: 'a == ''x'' && § == 1'"],
    ['single quotes over several lines', "filter: 'a &&\n   b &&\n   §'"],
    ['double quotes with escapes', 'filter: "a == \\"x\\" && b == \\u2603\\x41\\U0001F600 && §"'],
    ['double quotes with an escaped line break', 'filter: "a && \\\n     b && §"'],
    ['a literal block', 'filter: |\n  a == 1 &&\n    b == 2 &&\n  §'],
    ['a literal block with an indentation indicator', 'filter: |2-\n    a == 1 &&\n    §\n'],
    ['a folded block', 'filter: >-\n  a == 1 &&\n  b == 2 &&\n\n  c == 3 && §'],
    ['a folded block with more indented lines', 'filter: >\n  a &&\n    b &&\n    c &&\n  §'],
    ['CRLF line ends', 'filter: |\r\n  a == 1 &&\r\n  b &&\r\n  §\r\n'],
  ])('is found in %s', (_style, text) => {
    const filter = filterOf(text)
    const offset = String(filter.value).indexOf('§')
    expect(offset).toBeGreaterThan(0)
    expect(filter.positionInText(offset)).toEqual({ file: 'f.yaml', ...positionOfMark(text, '§') })
  })

  it('is found whatever words, breaks and style the writer used', () => {
    const words = fc.array(fc.constantFrom('a == 1', '&&', "it's", '"q"', 'x\\y', 'ü☃', '# no', 'b: c', '\n', '  '), {
      maxLength: 12,
    })
    const style = fc.constantFrom(
      'PLAIN',
      'QUOTE_SINGLE',
      'QUOTE_DOUBLE',
      'BLOCK_LITERAL',
      'BLOCK_FOLDED',
    ) as fc.Arbitrary<'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL' | 'BLOCK_FOLDED'>
    fc.assert(
      fc.property(words, style, fc.integer({ min: 20, max: 80 }), (before, defaultStringType, lineWidth) => {
        const text = stringify(
          { filter: `${before.join(' ')} §` },
          { defaultStringType, defaultKeyType: 'PLAIN', lineWidth },
        )
        const filter = filterOf(text)
        const offset = String(filter.value).indexOf('§')
        expect(filter.positionInText(offset), text).toMatchObject(positionOfMark(text, '§'))
      }),
      { numRuns: 1000 },
    )
  })
})
