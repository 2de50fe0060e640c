import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../slo-specs/schema/filter/parse-filter.ts'
import { parseGood } from './parse.ts'

const page = readFileSync('docs/specs/language.md', 'utf8')

describe('docs/specs/language.md', () => {
  it('has a complete example without a single finding', () => {
    const [example = '', ...more] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '')
    expect(more).toEqual([])
    const specs = parseGood(example)
    expect(
      specs.slos[0]?.alerts.map(({ severity, conditions }) => [severity, conditions.map(({ name }) => name)]),
    ).toEqual([
      ['page', ['page-1h', 'page-6h', 'a-third-fails']],
      ['ticket', ['ticket-1d', 'ticket-3d']],
    ])
  })

  it('shows no filter that does not parse', () => {
    const shown = [
      ...['http.route in ["/a", "/b"]', 'has(http.route)', 'tenant != "test"', '!(tenant == "test")', '!synthetic'],
      'http.response.status_code < 500',
    ]
    for (const filter of shown) {
      expect(page).toContain(filter)
      expect(parseFilter(filter, 'traces').problems, filter).toEqual([])
    }
  })
})
