import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../slo-specs/schema/filter/parse-filter.ts'
import { parseGood, service, sloText } from './parse.ts'

const page = readFileSync('docs/specs/language.md', 'utf8')
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '')
const fragments = blocks.slice(1)

describe('docs/specs/language.md', () => {
  it('has a complete example without a single finding', () => {
    const [example = ''] = blocks
    const specs = parseGood(example)
    expect(
      specs.slos[0]?.alerts.map(({ severity, conditions }) => [severity, conditions.map(({ name }) => name)]),
    ).toEqual([
      ['page', ['page-1h', 'page-6h', 'a-third-fails']],
      ['ticket', ['ticket-1d', 'ticket-3d']],
    ])
  })

  it.each(fragments)('shows parts of an SLO that fit into one: %#', fragment => {
    const parts = {
      indicator: sloText().match(/ {2}indicator:[\s\S]*?(?= {2}timeWindow)/)?.[0] ?? '',
      timeWindow: '  timeWindow: [{duration: 30d, isRolling: true}]\n',
      budgetingMethod: '  budgetingMethod: Occurrences\n',
      objectives: '  objectives: [{target: 0.999}]\n',
    }
    const missing = Object.entries(parts).filter(([name]) => !fragment.includes(`  ${name}:`))
    const head = sloText().slice(0, sloText().indexOf('  indicator:'))
    const { slos } = parseGood(service, `${head}${fragment}${missing.map(([, part]) => part).join('')}`)
    // A composite is one SLO more than it has members.
    const composites = fragment.includes('compositeWeight') ? 1 : 0
    expect(slos.length).toBe((fragment.match(/ target:/g)?.length ?? 1) + composites)
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
