import { describe, expect, it } from 'vitest'
import { diffSlos } from '../../slo-specs/schema/diff-slos.ts'
import { parseGood, type SloParts, service, sloText } from './parse.ts'

const set = (parts: SloParts) => parseGood(service, sloText(parts))
const changes = (before: SloParts, after: SloParts) =>
  diffSlos(set(before), set(after)).flatMap(({ fields }) => fields.map(({ field, touches }) => `${field}: ${touches}`))

describe('what differs between two sets of specs', () => {
  it('is nothing when only comments, order and ways of writing differ', () => {
    const written = sloText({ good: 'status != "Error" && kind == "Server"', objective: '{target: 0.9990}' })
    const other = `# why\n${sloText({ good: '(status != "Error")\n&& (kind == "Server")', objective: '{targetPercent: 99.9}' })}`
    const changed = diffSlos(parseGood(service, written), parseGood(other, service))
    expect(changed.map(({ kind, fields }) => [kind, fields])).toEqual([['unchanged', []]])
  })

  it.each<[string, SloParts, string[]]>([
    ['the objective', { objective: '{target: 0.99}' }, ['objective: budget']],
    ['what is good', { good: 'kind == "Server"' }, ['good: counts']],
    ['the layers', { annotations: '{ninefold.dev/layers: pod}' }, ['layers: counts']],
    ['the window', { window: '28d' }, ['window: budget']],
    ['the alerts', { alertPolicies: '[]' }, ['page: alerts', 'ticket: alerts']],
    ['the floor of evidence', { annotations: '{ninefold.dev/min-valid: "20"}' }, ['min-valid: alerts']],
    ['the silence', { annotations: '{ninefold.dev/no-data-after: never}' }, ['no-data-after: alerts']],
    ['the runbook', { annotations: '{ninefold.dev/runbook: "https://example.org"}' }, ['runbook: words']],
    ['an annotation of others', { annotations: '{example.org/owner: orders}' }, ['annotations: words']],
  ])('is found in %s, with what it touches', (_, after, expected) => {
    expect(changes({}, after)).toEqual(expected)
  })

  it('is an SLO that came or went', () => {
    expect(diffSlos(set({ name: 'a' }), set({ name: 'b' })).map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'removed'],
      ['b', 'added'],
    ])
  })
})
