import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCelShapes } from '../../slo-specs/schema/filter/cel-shapes.ts'
import { parseFilter } from '../../slo-specs/schema/filter/parse-filter.ts'

const texts = fc.oneof(
  fc.constantFrom(
    'Server',
    'Erorr',
    'DEBUG',
    '300ms',
    '3 parsecs',
    '(a|b)+',
    '(',
    'http://x',
    '0',
    '1',
    '',
    '//',
    "it's",
    '"',
    '\\',
    '`',
    'ü',
  ),
  fc.string({ maxLength: 8 }),
)
/** Texts as people quote them, and as nobody should. */
const literals = fc.tuple(fc.constantFrom('"', '"', '"', "'", '"""'), fc.constantFrom('', '', '', 'r', 'b'), texts)
const written = literals.map(([quote, prefix, text]) => `${prefix}${quote}${text}${quote}`)
const parts = fc.oneof(
  fc
    .tuple(fc.constantFrom('kind', 'status', 'name', 'duration', 'a.b', 'resource.x', '1'), written)
    .map(([field, text]) => `${field} == ${text}`),
  written.map(text => `attributes[${text}] != true`),
  written.map(text => `duration < duration(${text})`),
  fc.tuple(written, written).map(([a, b]) => `http.route in [${a}, ${b}]`),
  fc.tuple(fc.constantFrom('startsWith', 'matches', 'size'), written).map(([name, text]) => `a.${name}(${text})`),
  written.map(text => `has(attributes[${text}])`),
  written.map(text => `[${text}].exists(x, x == ${text})`),
  written.map(text => `// ${text}\n`),
  fc.constantFrom('ok', '{"a": 1}', 'T{a: "b"}', 'a <'),
)
const filters = fc
  .array(fc.tuple(parts, fc.constantFrom(' && ', ' || ', ' ')), { minLength: 1, maxLength: 4 })
  .map(list => list.map(([part, joint], index) => (index === 0 ? part : `${joint}${part}`)).join(''))

describe('filters of one shape', () => {
  it('are read, and refused, as if each were parsed by itself', () => {
    const shapes = createCelShapes()
    let [shared, apart, good] = [0, 0, 0]
    fc.assert(
      fc.property(filters, fc.constantFrom('traces' as const, 'logs' as const), (text, signal) => {
        const alone = parseFilter(text, signal)
        // The second time the shape is known.
        for (let time = 0; time < 2; time++) expect(parseFilter(text, signal, shapes)).toEqual(alone)
        if (shapes.treeOf(text) === undefined) apart += 1
        else shared += 1
        if (alone.filter !== null) good += 1
      }),
      { numRuns: 3000, seed: 5 },
    )
    expect(Math.min(shared, apart, good)).toBeGreaterThan(100)
  })

  it('keep their own texts', () => {
    const shapes = createCelShapes()
    const read = (service: string) =>
      parseFilter(`service.name == "${service}" && http.route in ["/${service}", "/0"]`, 'traces', shapes).filter
    read('first')
    expect(read('second')).toEqual(parseFilter(read('second')?.text ?? '', 'traces').filter)
    expect(JSON.stringify(read('second')?.expression)).toContain('"/second"')
  })

  it.each(['a == r"x"', 'a == "x" // "y"', 'a == "\\n"', 'a == \'x\' && b == "y"', 'a == """x"""', 'a == 1', 'a < "x'])(
    'does not hold for %s, whose texts may be something else',
    text => expect(createCelShapes().treeOf(text)).toBeUndefined(),
  )
})
