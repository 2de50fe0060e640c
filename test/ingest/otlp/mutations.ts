import fc from 'fast-check'

export interface Mutation {
  readonly kind: 'flip' | 'set' | 'cut' | 'insert' | 'repeat'
  /** Where, as a share of the length. */
  readonly at: number
  readonly byte: number
  readonly length: number
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  // Changes in place come more often: those that move bytes are nearly always refused.
  kind: fc.constantFrom('flip', 'flip', 'flip', 'set', 'set', 'set', 'cut', 'insert', 'repeat'),
  at: fc.nat({ max: 9_999 }).map(part => part / 10_000),
  byte: fc.integer({ min: 0, max: 255 }),
  length: fc.integer({ min: 1, max: 24 }),
})

export const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 })

/** The payload with the changes made one after the other; what a broken network, disk or exporter could send. */
export function mutate(payload: Uint8Array, changes: readonly Mutation[]): Buffer {
  let bytes = Buffer.from(payload)
  for (const { kind, at, byte, length } of changes) {
    const start = Math.floor(at * bytes.length)
    const [before, after] = [bytes.subarray(0, start), bytes.subarray(start)]
    if (kind === 'cut') bytes = Buffer.concat([before, after.subarray(length)])
    else if (kind === 'insert') bytes = Buffer.concat([before, Buffer.alloc(length, byte), after])
    else if (kind === 'repeat') bytes = Buffer.concat([before, after.subarray(0, length), after])
    else if (start < bytes.length) {
      bytes = Buffer.from(bytes)
      bytes[start] = kind === 'set' ? byte : (bytes[start] ?? 0) ^ (1 << (byte % 8))
    }
  }
  return bytes
}
