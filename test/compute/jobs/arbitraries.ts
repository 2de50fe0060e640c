import fc from 'fast-check'
import type { EventField, EventFilter, EventFilterValue } from '../../../store/queries/event-filter.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { patterns } from './patterns.ts'

/** Yesterday at 12:00 UTC: raw tables forget what is older than their TTL already while inserting. */
export const baseMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000
/** Few names and values, so that random filters meet random spans often; some of them hostile. */
const attributeNames = ['http.response.status_code', 'k8s.pod.name', 'it\'s `q"\\{n0:String}', 'tenant', 'db.name']
const texts = [
  ...['', 'a', 'ab', 'b', "x'y", '"', '\\', '200', '404', '5e2', '-1.5', 'true', 'false', 'ü\n{c0:String}', '0200'],
  ...['a\0b', '\0', '😀', '\uffff', 'é', 'e\u0301', '\t\r\n', '%', '0.1', '0.30000000000000004', '9007199254740991'],
  ...['9007199254740993', '18446744073709551616', '1e309', '-0', '1_000', ' 200'],
]
const numbers = [0, 200, 404, 500, -1.5, 0.25, 0.1, 0.30000000000000004, Number.MAX_SAFE_INTEGER, 5e-324]
const services = ['checkout', 'cart', "pay'ments"]

/** What quoting, folding and comparing may get wrong; no letter that is younger than the engine's Unicode. */
const oddCharacter = fc.constantFrom(
  ...['\0', '"', "'", '\\', '`', '{', '}', '%', '\n', '😀', 'é', 'ß', 'İ', '\ufeff', '\u2028', '\uffff', '\u{10ffff}'],
  ...['0', '1', '.', '-', 'e', ' ', 'a', 'b'],
)
/** Mostly what filters ask for, now and then anything at all. */
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String) },
  { weight: 1, arbitrary: fc.string({ unit: oddCharacter, maxLength: 6 }) },
)
const number = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...numbers) },
  {
    weight: 1,
    arbitrary: fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  },
  { weight: 1, arbitrary: fc.integer() },
)

const record = fc.dictionary(fc.constantFrom(...attributeNames), text, { maxKeys: 4 })

export const spans: fc.Arbitrary<TestSpan> = fc.record({
  atMs: fc.integer({ min: 0, max: 179 }).map(second => baseMs + second * 1000),
  name: fc.constantFrom('GET /', 'POST /pay', ''),
  kind: fc.constantFrom('Server', 'Client', 'Internal'),
  status: fc.constantFrom('Unset', 'Ok', 'Error', 'STATUS_CODE_ERROR'),
  durationNs: fc.constantFrom(0n, 1_000_000n, 300_000_000n, 300_000_001n, 9_000_000_000_000n),
  resource: fc
    .tuple(record, fc.option(fc.constantFrom(...services)))
    .map(([rest, service]) => (service === null ? rest : { ...rest, 'service.name': service })),
  attributes: record,
})

const attributeFields: fc.Arbitrary<EventField> = fc.record({
  scope: fc.constantFrom('any' as const, 'resource' as const, 'attribute' as const),
  name: fc.constantFrom(...attributeNames),
})
const fields: fc.Arbitrary<EventField> = fc.oneof(
  { weight: 4, arbitrary: attributeFields },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('name' as const, 'kind' as const, 'status' as const, 'duration' as const)
      .map(name => ({ scope: 'intrinsic' as const, name })),
  },
  { weight: 1, arbitrary: fc.constant({ scope: 'any' as const, name: 'service.name' }) },
)
const values: fc.Arbitrary<EventFilterValue> = fc.oneof(
  fc
    .oneof(
      { weight: 3, arbitrary: text },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...services, 'GET /', 'Server', 'SPAN_KIND_CLIENT', 'Error', 'STATUS_CODE_OK'),
      },
    )
    .map(value => ({ type: 'string' as const, value })),
  number.map(value => ({ type: 'number' as const, value })),
  fc.boolean().map(value => ({ type: 'boolean' as const, value })),
  fc.constantFrom(0n, 300_000_000n).map(value => ({ type: 'duration' as const, value })),
)

const leaves: fc.Arbitrary<EventFilter> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('compare' as const),
      comparison: fc.constantFrom(
        '==' as const,
        '!=' as const,
        '<' as const,
        '<=' as const,
        '>' as const,
        '>=' as const,
      ),
      field: fields,
      value: values,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('in' as const), field: fields, values: fc.array(values, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('text' as const),
      function: fc.constantFrom('startsWith' as const, 'endsWith' as const, 'contains' as const),
      field: fields,
      value: text,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('text' as const),
      function: fc.constant('matches' as const),
      field: attributeFields,
      value: fc.constantFrom(...patterns.keys()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('has' as const), field: fields }) },
  {
    weight: 1,
    arbitrary: fc.boolean().map(value => ({ op: 'literal' as const, value: { type: 'boolean' as const, value } })),
  },
)

export const filters: fc.Arbitrary<EventFilter> = fc.letrec<{ filter: EventFilter }>(tie => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaves,
    fc.record({ op: fc.constant('not' as const), operand: tie('filter') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('filter'), { minLength: 0, maxLength: 3 }),
    }),
  ),
})).filter
