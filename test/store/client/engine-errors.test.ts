import { describe, expect, it } from 'vitest'
import { NinefoldError } from '../../../lib/errors.ts'
import { storeError } from '../../../store/client/engine-errors.ts'

const engine = (code: string, message = 'text') => Object.assign(new Error(message), { code })

describe('an error of the engine', () => {
  it.each([
    ['243', 'NOT_ENOUGH_SPACE', 'DISK_FULL', true],
    ['241', 'memory limit', 'STORE_UNAVAILABLE', true],
    ['252', 'too many parts', 'STORE_UNAVAILABLE', true],
    ['60', 'unknown table', 'STORE_QUERY_FAILED', false],
    ['62', 'syntax error', 'STORE_QUERY_FAILED', false],
    ['75', 'Cannot write to file: , errno: 28, strerror: No space left on device', 'DISK_FULL', true],
    ['75', 'Cannot write to file: , errno: 5, strerror: Input/output error', 'STORE_QUERY_FAILED', false],
  ])('with code %s (%s) becomes %s', (code, message, expected, retryable) => {
    expect(storeError(engine(code, message), 'name of the query')).toMatchObject({ code: expected, retryable })
  })

  it.each([
    ['60', 'unknown table', 'STORE_SCHEMA_MISMATCH'],
    ['16', 'no such column', 'STORE_SCHEMA_MISMATCH'],
    ['497', 'not enough privileges', 'STORE_ACCESS_DENIED'],
    ['201', 'quota', 'STORE_QUOTA_EXCEEDED'],
  ])('with code %s (%s) while writing becomes %s: the rows wait', (code, message, expected) => {
    expect(storeError(engine(code, message), 'insert', 'write')).toMatchObject({ code: expected, retryable: true })
  })

  it('is known by its code, whatever the text says', () => {
    expect(storeError(engine('62', 'No space left on device'), 'q').code).toBe('STORE_QUERY_FAILED')
  })

  it('names the statement and keeps the cause', () => {
    const cause = engine('60', 'first line\nsecond line')
    expect(storeError(cause, 'list things')).toMatchObject({ message: 'list things: first line', cause })
  })
})

describe('an error without a code of the engine', () => {
  it('may pass, because the engine has not judged the statement', () => {
    expect(storeError(engine('ECONNREFUSED'), 'q')).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect(storeError(new Error('Timeout error.'), 'q').code).toBe('STORE_UNAVAILABLE')
  })

  it('does not pass when the mistake is in our own code', () => {
    expect(storeError(new TypeError('x is not a function'), 'q').code).toBe('STORE_QUERY_FAILED')
  })

  it('of our own is passed on as it is', () => {
    const own = new NinefoldError('STORE_ROW_SHAPE', 'shape')
    expect(storeError(own, 'q')).toBe(own)
  })
})
