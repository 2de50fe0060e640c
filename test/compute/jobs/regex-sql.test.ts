import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { matchesRegex, regexProblem } from '../../../slo-specs/schema/filter/regex.ts'
import type { Store } from '../../../store/client/store.ts'
import { engineRegex } from '../../../store/queries/engine-regex.ts'
import { openTestStore } from './spans.ts'

let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

const query = {
  name: 'match',
  sql: 'SELECT match(materialize({text:String}), {pattern:String}) AS matching',
  params: z.object({ text: z.string(), pattern: z.string() }),
  row: z.object({ matching: z.number() }),
}
async function inEngine(pattern: string, text: string): Promise<boolean> {
  const [row] = await store.reader.query(query, { text, pattern: engineRegex(pattern) })
  return row?.matching === 1
}

const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    '.',
    '\\d',
    '\\pL',
    '\\PL',
    '\\p{Greek}',
    '[^a]',
    '[a-c]',
    '[[:alpha:]]',
    '[\\pL\\pN]',
    'é',
    '😀',
    '^',
    '$',
    '\\b',
  ],
  ...[
    '\\',
    '(',
    ')',
    '[',
    ']',
    '|',
    '(?i)',
    '(?s)',
    '(?:',
    '(?P<x>',
    '(?=',
    '\\1',
    '\\z',
    '\\C',
    '\\x{41}',
    '\\Q',
    '\\E',
    '',
  ],
)
const repetition = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '*?',
  '{2}',
  '{0,3}',
  '{10}',
  '{100}',
  '{1000}',
  '{3,}',
  '{2,1}',
)
const patterns = fc
  .array(fc.tuple(atom, repetition), { maxLength: 7 })
  .map(parts => parts.map(part => part.join('')).join(''))
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', '😀', 'α', '1', ' ', '\n', '\0'), maxLength: 12 })

describe('a regular expression', () => {
  test('that is taken compiles in the engine, and matches there what it matches in process', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(patterns, texts, async (pattern, text) => {
        if (regexProblem(pattern) !== undefined) return
        taken += 1
        expect(await inEngine(pattern, text)).toBe(matchesRegex(pattern, text))
      }),
      { numRuns: 1500 },
    )
    expect(taken).toBeGreaterThan(300)
  })

  // A matcher that backtracks needs longer for each of these than the world has been there.
  test.each([
    '(a+)+$',
    '(a|aa)+$',
    '(a*)*b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){20}$',
    '(a?){200}a{200}$',
    '(a|a?)+c',
  ])('such as %s ends on both sides', async pattern => {
    const text = `${'a'.repeat(20_000)}!`
    expect(regexProblem(pattern)).toBeUndefined()
    expect(await inEngine(pattern, text)).toBe(matchesRegex(pattern, text))
  })

  test.each([
    ['\\pL{1000}', 'too large'],
    ['(\\pL{30}){30}', 'too large'],
    ['((a{100}){100})', 'repeat count'],
    ['\\p{Garay}', 'not known to the engine'],
    ['(?=a)', 'Perl syntax'],
    ['(a)\\1', 'escape'],
    ['a\0', 'NUL'],
    ['(?P<é>a)', 'plain letters'],
  ])('such as %j is refused: %s', (pattern, words) => {
    expect(regexProblem(pattern)).toContain(words)
  })
})
