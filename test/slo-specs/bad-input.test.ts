import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../slo-specs/schema/filter/parse-filter.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import { parse, service, sloText } from './parse.ts'

const slo = (parts: Parameters<typeof sloText>[0]) => [service, sloText({ alertPolicies: '[]', ...parts })]
const slices = (objective: string, window = '30d') =>
  slo({ objective, window }).map(text => text.replace('Occurrences', 'Timeslices'))
const withVersion = (version: string) => [service.replace('openslo/v1', version)]

describe('bad input', () => {
  it.each<[what: string, texts: string[], codes: string[]]>([
    ['another major version', withVersion('openslo/v2'), ['SPEC_API_VERSION']],
    ['an early version', withVersion('openslo/v1alpha'), ['SPEC_API_VERSION']],
    ['a newer minor version', withVersion('openslo/v1.1'), ['SPEC_NEWER_VERSION']],
    ['a target that is no number', slo({ objective: '{target: .nan}' }), ['SPEC_NUMBER']],
    ['an infinite target', slo({ objective: '{target: .inf}' }), ['SPEC_NUMBER']],
    ['a target beyond doubles', slo({ objective: '{target: 1e309}' }), ['SPEC_NUMBER']],
    ['a target below doubles', slo({ objective: '{target: 1e-400}' }), ['SPEC_OBJECTIVE']],
    ['a negative target', slo({ objective: '{target: -0.1}' }), ['SPEC_OBJECTIVE']],
    ['a target of 0', slo({ objective: '{target: 0}' }), []],
    ['a target of 1', slo({ objective: '{target: 1}' }), ['SPEC_OBJECTIVE_100']],
    ['a target of 100 %', slo({ objective: '{targetPercent: 100}' }), ['SPEC_OBJECTIVE_100']],
    ['a target above 1', slo({ objective: '{target: 1.5}' }), ['SPEC_OBJECTIVE']],
    ['a percentage as a fraction', slo({ objective: '{target: 99.9}' }), ['SPEC_OBJECTIVE']],
    ['an empty window', slo({ window: '0d' }), ['SPEC_WINDOW']],
    ['a window of a second', slo({ window: '1s' }), ['SPEC_WINDOW']],
    ['a window of ten years', slo({ window: '10Y' }), []],
    ['a window of eleven years', slo({ window: '11Y' }), ['SPEC_WINDOW']],
    ['a window of more digits than seconds have', slo({ window: '999999999Y' }), ['SPEC_WINDOW']],
    ['a negative window', slo({ window: '-1d' }), ['SPEC_DURATION']],
    [
      'a slice longer than the window',
      slices('{target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: 2h}', '1h'),
      ['SPEC_TIME_SLICE'],
    ],
    ['an infinite slice', slices('{target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: .inf}'), ['SPEC_WRONG_TYPE']],
    ['a name that looks like another', [service, service.replace('name: shop', 'name: shоp')], ['SPEC_BAD_NAME']],
    ['a filter that looks like another', slo({ good: 'tenаnt == "a"' }), ['SPEC_LOOK_ALIKE', 'SPEC_FILTER_SYNTAX']],
    ['an alias inside itself', ['a: &a [*a]'], ['SPEC_NESTED_TOO_DEEP']],
    ['a filter of 100 kB', slo({ good: `a == "${'x'.repeat(100_000)}"` }), ['SPEC_FILTER_TOO_LARGE']],
    ['a pattern that only backtracks', slo({ good: 'a.matches("(?=a)")' }), ['SPEC_FILTER_REGEX']],
    ['a pattern that explodes elsewhere', slo({ good: 'a.matches("^(a+)+$")' }), []],
    ['ten thousand aliases of a thousand values', [bomb()], ['SPEC_ALIAS_BOMB']],
    ['five thousand levels of lists', [`a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`], ['SPEC_NESTED_TOO_DEEP']],
    ['five thousand levels of maps', [`a: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`], ['SPEC_NESTED_TOO_DEEP']],
    ['five thousand levels of dashes', [`${'- '.repeat(5_000)}a`], ['SPEC_NESTED_TOO_DEEP']],
  ])('%s', (_, texts, codes) => {
    const { findings, specs } = parse(...texts)
    expect([...new Set(findings.map(({ code }) => code))].sort()).toEqual([...codes].sort())
    expect(specs === null).toBe(findings.some(({ severity }) => severity === 'error'))
  })

  it('of ten megabytes, or in folders that lead back, is a finding', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ninefold-bad-'))
    try {
      writeFileSync(join(folder, 'large.yaml'), `${service}# ${'x'.repeat(10_000_000)}\n`)
      mkdirSync(join(folder, 'a'))
      symlinkSync('..', join(folder, 'a', 'up'))
      const { findings } = await loadSpecs([folder])
      expect(findings.map(({ code }) => code).sort()).toEqual(['SPEC_SYMLINK_LOOP', 'SPEC_TOO_LARGE'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  // Each would take a parser that tries again and again longer than anybody waits.
  it.each([
    ['negations', `${'!'.repeat(19_000)}a`],
    ['conditionals', `${'a?b:'.repeat(4_900)}a`],
    ['junctions', `${'a&&b||'.repeat(3_300)}a`],
    ['dots', `${'a.'.repeat(9_900)}a`],
    ['quotes', '"\\'.repeat(9_900)],
    ['open brackets', `${'('.repeat(64)}a`],
    ['macros', `${'a.exists(x,'.repeat(54)}x${')'.repeat(54)}`],
    ['a list', `a in [${'1,'.repeat(9_900)}1]`],
    ['white space', `${' '.repeat(19_900)}=`],
  ])('of a filter of a great many %s ends', (_, text) => {
    const { filter, problems } = parseFilter(text, 'traces')
    expect(filter === null).toBe(problems.length > 0)
  })
})

/** Thousands of names for a list of a thousand. */
function bomb(): string {
  return `a: &a [${'x, '.repeat(999)}x]\nb: [${'*a, '.repeat(9_999)}*a]`
}
