import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { asNinefoldError, errnoOf, errorRegistry, NinefoldError } from '../../lib/errors.ts'

const documented = new Map(
  [
    ...readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8').matchAll(
      /^\| `([A-Z_]+)` \| (yes|no) \| (.+) \|$/gm,
    ),
  ].map(([, code, retryable, remedy]) => [code ?? '', { retryable: retryable === 'yes', remedy: remedy ?? '' }]),
)

describe('the error registry', () => {
  it('has every code on the page docs/errors.md, with the same remedy and the same answer to "try again?"', () => {
    for (const [code, definition] of Object.entries(errorRegistry))
      expect(documented.get(code), code).toEqual(definition)
  })

  it('knows every code that the page documents', () => {
    expect([...documented.keys()].filter(code => !(code in errorRegistry))).toEqual([])
  })

  it('ends every remedy as a sentence', () => {
    for (const [code, { remedy }] of Object.entries(errorRegistry)) expect(remedy, code).toMatch(/^[A-Z`].*\.$/)
  })
})

describe('an error', () => {
  it('carries code, remedy, retryability and the cause that led to it', () => {
    const cause = new Error('ENOSPC')
    const error = new NinefoldError('DISK_FULL', 'the segment log cannot be written', { cause })
    expect(error).toMatchObject({ code: 'DISK_FULL', retryable: true, cause })
    expect(error.remedy).toContain('Free space')
  })

  it('is wrapped as INTERNAL when nobody named it, keeping the cause', () => {
    const cause = new TypeError('x is not a function')
    expect(asNinefoldError(cause)).toMatchObject({ code: 'INTERNAL', cause })
    expect(asNinefoldError(new NinefoldError('USAGE', 'no'))).toMatchObject({ code: 'USAGE' })
  })

  it('tells the errno of a system error and nothing of others', () => {
    expect(errnoOf(Object.assign(new Error('no space'), { code: 'ENOSPC' }))).toBe('ENOSPC')
    expect(errnoOf(new Error('plain'))).toBeUndefined()
    expect(errnoOf('text')).toBeUndefined()
  })
})
