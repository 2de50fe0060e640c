import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonPath, valueAt } from '../../slo-specs/schema/json-path.ts'
import { parse, service } from './parse.ts'

const text = (steps: string, schedule = '{ every: 1m }') => `apiVersion: ninefold.dev/v1
kind: SyntheticTransaction
metadata: { name: buy }
spec:
  service: shop
  schedule: ${schedule}
  steps:
${steps}
`
const get = '    - { name: ask, request: { url: "https://shop.example.org/" } }'
const findings = (...given: Parameters<typeof text>) =>
  parse(service, text(...given)).findings.map(({ code, message }) => `${code} ${message}`)

describe('a synthetic transaction', () => {
  it('is read with its defaults', () => {
    const { specs } = parse(service, text(get))
    expect(specs?.transactions).toMatchObject([
      {
        ...{ name: 'buy', displayName: 'buy', service: 'shop', everySeconds: 60, timeoutSeconds: 30 },
        steps: [{ name: 'ask', method: 'GET', url: 'https://shop.example.org/', headers: {}, extracts: [] }],
      },
    ])
    expect(parse(service, text(get, '{ every: 10s }')).specs?.transactions?.[0]?.timeoutSeconds).toBe(10)
  })

  it('has another revision when, and only when, something else is asked, at another pace or with another expectation', () => {
    const revisionOf = (...given: Parameters<typeof text>) =>
      parse(service, text(...given)).specs?.transactions?.[0]?.revision
    const first = revisionOf(get)
    expect(revisionOf(`# said otherwise\n${get}`)).toBe(first)
    expect(revisionOf(get, '{ every: 2m }')).not.toBe(first)
    expect(revisionOf(get.replace('org/', 'org/cart'))).not.toBe(first)
    expect(revisionOf(get.replace(' }\n', '').replace(/ }$/, ', expect: { status: [200] } }'))).not.toBe(first)
  })

  it.each([
    ['{ every: 0s }', 'SPEC_DURATION a transaction runs every 1s to every 1d'],
    ['{ every: 2d }', 'SPEC_DURATION a transaction runs every 1s to every 1d'],
    ['{ every: 30s, timeout: 40s }', 'SPEC_DURATION timeout is above 0s, at most 5m, and not longer than every'],
    ['{ every: 1h, timeout: 6m }', 'SPEC_DURATION timeout is above 0s, at most 5m, and not longer than every'],
  ])('with the schedule %s is found out', (schedule, finding) => {
    expect(findings(get, schedule)).toEqual([finding])
  })

  const ask = (request: string, rest = '') => `    - { name: ask, request: { ${request} }${rest} }`
  const url = 'url: "https://shop.example.org/"'
  it.each([
    [`"https://\${host}/"`, 'a placeholder stands in the path or the query of a url, not in its host'],
    ['"https://user:word@shop.example.org/"', 'credentials do not belong into a url'],
    [`"\${next}"`, 'url is an http or https address'],
  ])('with the url %s is found out', (written, message) => {
    expect(findings(ask(`url: ${written}`))).toContain(`SPEC_WRONG_VALUE ${message}`)
  })
  it.each([
    [ask(`url: "https://shop.example.org/\${order}"`), 'SPEC_MISSING_REFERENCE no earlier step extracts order'],
    [ask(`${url}, body: "\${a}"`, ', extracts: { a: $.a }'), 'SPEC_MISSING_REFERENCE no earlier step extracts a'],
    [ask(`${url}, headers: { x: "\${a}" }`), 'SPEC_MISSING_REFERENCE no earlier step extracts a'],
    [ask(`${url}, headers: { "x y": z }`), 'SPEC_WRONG_VALUE is not a name of a header'],
    [ask(`${url}, headers: { Host: z }`), 'SPEC_WRONG_VALUE Host is set by the prober itself'],
    [ask(`${url}, headers: { x: "a\\nb" }`), 'SPEC_WRONG_VALUE a header is one line of printable ASCII'],
    [
      ask(url, ', extracts: { a: $..a }'),
      "SPEC_WRONG_VALUE an extract is the JSON path of one value, such as $.items[0]['order id']",
    ],
    [
      ask(url, ', extracts: { a-b: $.a }'),
      'SPEC_WRONG_VALUE the name of an extract has letters, digits and _, and no digit first',
    ],
    [ask(url, ', expect: { within: 0s }'), 'SPEC_DURATION no answer takes 0s'],
    [ask(url, ', expect: { bodyContains: "" }'), 'SPEC_WRONG_VALUE bodyContains is empty'],
    [
      ask(`${url}, method: HEAD`, ', extracts: { a: $.a }'),
      'SPEC_WRONG_VALUE the answer to HEAD has no body to look into',
    ],
  ])('with %s is found out', (steps, finding) => {
    expect(findings(steps)).toEqual([finding])
  })
})

describe('a JSON path', () => {
  it.each([
    ['$', []],
    ['$.a.b', ['a', 'b']],
    ["$['a b'][0].c-d", ['a b', 0, 'c-d']],
    ['$["a"]', ['a']],
  ])('%s names one value', (written, path) => {
    expect(parseJsonPath(written)).toEqual(path)
  })

  it.each([
    '',
    'a',
    '$a',
    '$.',
    '$..a',
    '$.*',
    '$[*]',
    '$[-1]',
    '$[?@.a]',
    '$[0:1]',
    "$['a",
    '$.a b',
    '$[01234567890]',
  ])('%j names none, or more than one', written => {
    expect(parseJsonPath(written)).toBeUndefined()
  })

  it('finds what is there, and nothing of what every object has', () => {
    fc.assert(
      fc.property(fc.jsonValue(), json => {
        for (const [path, value] of leaves(json)) expect(valueAt(json, path)).toBe(value)
      }),
    )
    expect(valueAt({}, ['constructor'])).toBeUndefined()
    expect(valueAt([1], ['length'])).toBeUndefined()
    expect(valueAt({ 0: 1 }, [0])).toBeUndefined()
    expect(valueAt(null, ['a'])).toBeUndefined()
  })
})

function* leaves(json: unknown, path: readonly (string | number)[] = []): Generator<[(string | number)[], unknown]> {
  if (Array.isArray(json)) for (const [index, item] of json.entries()) yield* leaves(item, [...path, index])
  else if (typeof json === 'object' && json !== null)
    for (const [key, item] of Object.entries(json)) yield* leaves(item, [...path, key])
  else yield [[...path], json]
}
