import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseGood, service, sloText } from './parse.ts'

const page = readFileSync('docs/specs/sources.md', 'utf8')
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml)
const head = sloText().slice(0, sloText().indexOf('  indicator:'))
const rest = '  timeWindow: [{duration: 30d, isRolling: true}]\n  budgetingMethod: Occurrences\n'
const objectives = '  objectives: [{target: 0.999}]\n'

/** A fragment as part of an SLO: a whole indicator (perhaps with objectives), or a ratioMetric. */
function completed(fragment: string): string {
  const indicator = fragment.includes('  indicator:')
    ? fragment
    : `  indicator:\n    metadata: {name: shown}\n    spec:\n${fragment}`
  return `${head}${indicator}${rest}${fragment.includes('  objectives:') ? '' : objectives}`
}

describe('docs/specs/sources.md', () => {
  it.each(blocks.filter(block => block.startsWith('apiVersion')))('shows definitions without a finding: %#', block => {
    expect(parseGood(block).slos.length).toBeGreaterThan(0)
  })

  it.each(blocks.filter(block => !block.startsWith('apiVersion')))('shows parts that fit into an SLO: %#', fragment => {
    expect(parseGood(service, completed(fragment)).slos).toHaveLength(1)
  })
})
