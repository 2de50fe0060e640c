import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../slo-specs/schema/filter/parse-filter.ts'
import type { FilterExpression, Signal } from '../../slo-specs/schema/model.ts'

const read = (text: string, signal: Signal = 'traces'): FilterExpression => {
  const { filter, problems } = parseFilter(text, signal)
  expect(problems, text).toEqual([])
  if (filter === null) throw new Error(`no filter: ${text}`)
  return filter.expression
}
const problemOf = (text: string, signal: Signal = 'traces') => parseFilter(text, signal).problems[0]
const any = (name: string) => ({ scope: 'any', name })
const compare = (comparison: string, field: unknown, type: string, value: unknown) => ({
  op: 'compare',
  comparison,
  field,
  value: { type, value },
})

describe('a filter', () => {
  it('reads dotted names as attributes and joins && and || into flat lists', () => {
    expect(read('service.name == "checkout" && http.response.status_code < 500 && a != true || b >= 1.5')).toEqual({
      op: 'or',
      operands: [
        {
          op: 'and',
          operands: [
            compare('==', any('service.name'), 'string', 'checkout'),
            compare('<', any('http.response.status_code'), 'number', 500),
            compare('!=', any('a'), 'boolean', true),
          ],
        },
        compare('>=', any('b'), 'number', 1.5),
      ],
    })
  })

  it('turns a comparison round when the constant comes first', () => {
    expect(read('500 > http.response.status_code')).toEqual(read('http.response.status_code < 500'))
    expect(read('-5 <= a')).toEqual(read('a >= -5'))
    expect(read('"x" == a')).toEqual(read('a == "x"'))
  })

  it('tells the attribute, the resource and the intrinsic of one name apart', () => {
    expect(read('name == "a"')).toEqual(compare('==', { scope: 'intrinsic', name: 'name' }, 'string', 'a'))
    expect(read('attributes["name"] == "a"')).toEqual(
      compare('==', { scope: 'attribute', name: 'name' }, 'string', 'a'),
    )
    expect(read('resource["k8s.pod.name"] == "a"')).toEqual(read('resource.k8s.pod.name == "a"'))
    expect(read('attributes.http.route == "a"')).toEqual(read('attributes["http.route"] == "a"'))
    expect(read('k8s.namespace.name == "a"')).toEqual(compare('==', any('k8s.namespace.name'), 'string', 'a'))
    expect(read(`attributes["it's \\"odd\\" \\\\ \`x\`"] == 1`)).toEqual(
      compare('==', { scope: 'attribute', name: 'it\'s "odd" \\ `x`' }, 'number', 1),
    )
  })

  it.each([
    ['300ms', 300_000_000n],
    ['1.5s', 1_500_000_000n],
    ['1m30s', 90_000_000_000n],
    ['2h', 7_200_000_000_000n],
    ['10us', 10_000n],
    ['7ns', 7n],
  ])('reads duration("%s") as nanoseconds', (text, nanoseconds) => {
    const field = { scope: 'intrinsic', name: 'duration' }
    expect(read(`duration < duration("${text}")`)).toEqual(compare('<', field, 'duration', nanoseconds))
  })

  it('takes the words of kind, status and severity in any case', () => {
    expect(read('kind == "SERVER"')).toEqual(read('kind == "Server"'))
    expect(read('status in ["ok", "Unset"]')).toEqual(read('status in ["Ok", "UNSET"]'))
    expect(read('severity >= "error"', 'logs')).toEqual(read('severity >= "ERROR"', 'logs'))
    expect(read('severity >= 17', 'logs')).toMatchObject({ value: { type: 'number', value: 17 } })
  })

  it('reads in, has, text functions and negation', () => {
    expect(read('http.route in ["/a", "/b", 3]')).toMatchObject({ op: 'in', values: [{}, {}, { type: 'number' }] })
    expect(read('has(http.route)')).toEqual({ op: 'has', field: any('http.route') })
    expect(read('has(resource["x"])')).toEqual({ op: 'has', field: { scope: 'resource', name: 'x' } })
    expect(read('!http.route.matches("^/api/.*$")')).toEqual({
      op: 'not',
      operand: { op: 'text', function: 'matches', field: any('http.route'), value: '^/api/.*$' },
    })
    expect(read('body.contains("timeout")', 'logs')).toMatchObject({ op: 'text', function: 'contains' })
  })

  it('takes a boolean field alone, and lets everything pass when empty or true, nothing when in an empty list', () => {
    expect(read('!synthetic')).toEqual({ op: 'not', operand: read('synthetic == true') })
    expect(read('')).toEqual({ op: 'literal', value: { type: 'boolean', value: true } })
    expect(read('  \n')).toEqual(read('true'))
    expect(read('a in []')).toEqual(read('false'))
  })

  it('reads comments, raw strings, other quotes and escapes as CEL has them', () => {
    expect(read("// only our own\n a == r'\\d' && b == 'it\\'s' && c == \"\\u2603\"")).toEqual({
      op: 'and',
      operands: [
        compare('==', any('a'), 'string', '\\d'),
        compare('==', any('b'), 'string', "it's"),
        compare('==', any('c'), 'string', '☃'),
      ],
    })
  })
})

describe('what a filter cannot say', () => {
  it.each([
    ['a == b', 'SPEC_FILTER_TYPE', 2, 'another field'],
    ['1 == 1', 'SPEC_FILTER_TYPE', 2, 'two constants'],
    ['x && kind == "Sever"', 'SPEC_FILTER_TYPE', 13, 'did you mean Server'],
    ['duration < 300', 'SPEC_FILTER_TYPE', 11, 'duration("300ms")'],
    ['duration < duration("300")', 'SPEC_FILTER_TYPE', 11, 'no duration'],
    ['a < duration("3s")', 'SPEC_FILTER_TYPE', 4, 'has no unit'],
    ['a < true', 'SPEC_FILTER_TYPE', 2, 'does not order booleans'],
    ['kind < "Server"', 'SPEC_FILTER_TYPE', 5, 'no order'],
    ['synthetic == "yes"', 'SPEC_FILTER_TYPE', 13, 'boolean'],
    ['severity == "ERROR"', 'SPEC_FILTER_TYPE', 0, 'of logs, not of traces'],
    ['has(body)', 'SPEC_FILTER_TYPE', 0, 'of logs, not of traces'],
    ['a == 9007199254740993', 'SPEC_FILTER_TYPE', 5, 'beyond the integers'],
    ['"text"', 'SPEC_FILTER_TYPE', 0, 'constant'],
    ['["a"]', 'SPEC_FILTER_TYPE', 0, 'list'],
    ['name', 'SPEC_FILTER_TYPE', 0, 'not true or false'],
    ['a.contains(5)', 'SPEC_FILTER_TYPE', 1, 'takes one text'],
    ['duration.contains("5")', 'SPEC_FILTER_TYPE', 0, 'no text'],
    ['a == null', 'SPEC_FILTER_UNSUPPORTED', 5, 'has(name)'],
    ['a == b"x"', 'SPEC_FILTER_UNSUPPORTED', 5, 'bytes'],
    ['a + 1 == 2', 'SPEC_FILTER_UNSUPPORTED', 2, 'arithmetic (+)'],
    ['a ? true : false', 'SPEC_FILTER_UNSUPPORTED', 0, 'conditional'],
    ['size(a) > 3', 'SPEC_FILTER_UNSUPPORTED', 0, 'function size'],
    ['a.exists(x, x == 1)', 'SPEC_FILTER_UNSUPPORTED', 1, 'macro exists'],
    ['a["b"] == 1', 'SPEC_FILTER_UNSUPPORTED', 1, 'brackets'],
    ['"a" in b', 'SPEC_FILTER_UNSUPPORTED', 4, 'in takes a list'],
    ['a in [b]', 'SPEC_FILTER_UNSUPPORTED', 6, 'constants only'],
    ['resource == "x"', 'SPEC_FILTER_UNSUPPORTED', 0, 'is a map'],
    ['a.matches("(?=x)")', 'SPEC_FILTER_REGEX', 10, '(?='],
    ['a.matches("(")', 'SPEC_FILTER_REGEX', 10, 'missing closing'],
    ['a == ', 'SPEC_FILTER_SYNTAX', 2, 'found ='],
    ['a == "x', 'SPEC_FILTER_SYNTAX', 2, 'found ='],
    ['namespace == "x"', 'SPEC_FILTER_SYNTAX', 0, 'reserved'],
  ])('%s', (text, code, offset, words) => {
    const problem = problemOf(text)
    expect(problem).toMatchObject({ code, offset })
    expect(problem?.message).toContain(words)
  })

  it('is all told at once', () => {
    const { problems, filter } = parseFilter('duration < 3 && kind == "x" && size(a) == 1 && ok == 1', 'traces')
    expect(filter).toBeNull()
    expect(problems.map(({ offset }) => offset)).toEqual([11, 24, 31])
  })

  it('includes more bytes, brackets or negations than any filter needs', () => {
    expect(problemOf('x'.repeat(20_001))?.code).toBe('SPEC_FILTER_TOO_LARGE')
    expect(problemOf(`${'('.repeat(5000)}a${')'.repeat(5000)}`)?.code).toBe('SPEC_FILTER_TOO_LARGE')
    expect(problemOf(`${'!(x && '.repeat(40)}a${')'.repeat(40)}`)?.code).toBe('SPEC_FILTER_TOO_LARGE')
    expect(problemOf(`a.matches("${'x'.repeat(1001)}")`)?.code).toBe('SPEC_FILTER_REGEX')
    expect(problemOf(`attributes["${'x'.repeat(257)}"] == 1`)?.code).toBe('SPEC_FILTER_UNSUPPORTED')
  })
})

describe('any text at all', () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      'http.route',
      '"x"',
      "'",
      '5',
      '==',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '[',
      ']',
      '.',
      'in',
      'has',
      '?',
      ':',
      '\\',
      ' ',
    ],
    ...['duration', 'matches', '{', '}', ',', '-', '1e999', '0x', '\n', '☃', 'null', 'b"', 'resource', 'attributes'],
  )

  it('becomes a filter or problems with an offset inside the text, never an exception', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 30 }).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom<Signal>('traces', 'logs'), (text, signal) => {
        const { filter, problems } = parseFilter(text, signal)
        expect(filter === null).toBe(problems.length > 0)
        for (const { offset } of problems) {
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
