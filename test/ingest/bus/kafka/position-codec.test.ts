import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readPosition, writeMetadata } from '../../../../ingest/bus/kafka/consumer/position-codec.ts'

const offset = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
const count = fc.nat(1000)
const suspect = fc.record({ first: offset, last: offset, tries: count })
const intent = fc.record({ first: offset, last: offset, attempts: count, suspect: fc.option(suspect) })

it('gives back the intent that was written, whatever its offsets, in less than the broker takes', () => {
  fc.assert(
    fc.property(offset, fc.option(intent), (next, written) => {
      const metadata = writeMetadata('0123456789abcdef0123456789abcdef', written)
      expect(metadata.length).toBeLessThan(400)
      expect(readPosition(next, metadata)).toEqual({
        origin: 'sink',
        logId: '0123456789abcdef0123456789abcdef',
        position: { next, intent: written },
      })
    }),
  )
})

it.each([
  [-1n, '', { origin: 'none', logId: null, position: null }],
  [-2n, '', { origin: 'other', logId: null, position: null }],
  [7n, '', { origin: 'other', logId: null, position: { next: 7n, intent: null } }],
  [7n, '{"ninefold":1}', { origin: 'other', logId: null, position: { next: 7n, intent: null } }],
  [7n, 'not JSON', { origin: 'other', logId: null, position: { next: 7n, intent: null } }],
])('tells a position %s with the metadata "%s" from one of a sink', (next, metadata, found) => {
  expect(readPosition(next, metadata)).toEqual(found)
})
