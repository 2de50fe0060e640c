import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDeadLetters, quarantinedOffsets, showDeadLetter } from '../../../store/queries/dead-letters.ts'
import { deadLetters } from '../../../store/tables/dead-letters.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { attribute, stageRequests } from '../../factories/otlp.ts'
import {
  defaultLayerSources,
  openStoreUnderTest,
  type StoreUnderTest,
  storeConnections,
} from '../../factories/store.ts'

let under: StoreUnderTest

const nowMs = Math.floor(Date.now() / 60_000) * 60_000

const letter = (offset: bigint, state: 'quarantined' | 'replayed', version: bigint, logId = '') => ({
  Id: `otlp_spans-0-${logId}${offset}`,
  LogId: logId,
  Topic: 'otlp_spans',
  Partition: 0,
  Offset: offset,
  Reason: 'SINK_POISON_PAYLOAD',
  Message: `it's "odd"`,
  Source: '127.0.0.1',
  ReceivedAt: nowMs,
  QuarantinedAt: nowMs + 1,
  State: state,
  Payload: Buffer.from([0, 255, 10, 13, 34]).toString('base64'),
  Version: version,
})

describe.each(storeConnections)('over the %s connection:', connection => {
  beforeAll(async () => {
    under = await openStoreUnderTest({ connection })
  })
  afterAll(() => under.close())

  describe('dead letters', () => {
    it('are listed newest first, each in its latest state, and shown with their bytes', async () => {
      const { reader, writer } = under.store
      await writer.insert(deadLetters, [letter(1n, 'quarantined', 1n), letter(2n ** 63n, 'quarantined', 1n)])
      await writer.insert(deadLetters, [letter(1n, 'replayed', 2n)])
      const listed = await reader.query(listDeadLetters, { limit: 10 })
      expect(listed.map(({ offset, state, bytes }) => [offset, state, bytes])).toEqual([
        [2n ** 63n, 'quarantined', 5],
        [1n, 'replayed', 5],
      ])
      const [shown] = await reader.query(showDeadLetter, { id: 'otlp_spans-0-1' })
      expect(shown).toMatchObject({ message: `it's "odd"`, receivedAtMs: nowMs, quarantinedAtMs: nowMs + 1 })
      expect([...(shown?.payload ?? [])]).toEqual([0, 255, 10, 13, 34])
      const range = { topic: 'otlp_spans', partition: 0, first: 0n, last: 5n, idPrefix: 'otlp_spans-0-' }
      expect(await reader.query(quarantinedOffsets, range)).toEqual([{ offset: 1n }])
    })

    it('of a log made anew do not replace those of the former one', async () => {
      const { reader, writer } = under.store
      const before = (await reader.query(listDeadLetters, { limit: 10 })).length
      await writer.insert(deadLetters, [letter(7n, 'quarantined', 1n, 'former-')])
      await writer.insert(deadLetters, [letter(7n, 'quarantined', 2n, 'anew-')])
      await writer.insert(deadLetters, [letter(7n, 'replayed', 3n, 'former-')])
      const listed = await reader.query(listDeadLetters, { limit: 10 })
      expect(listed).toHaveLength(before + 2)
      const states = listed.filter(({ offset }) => offset === 7n).map(({ id, state }) => `${id} ${state}`)
      expect(states.sort()).toEqual(['otlp_spans-0-anew-7 quarantined', 'otlp_spans-0-former-7 replayed'])
      const [shown] = await reader.query(showDeadLetter, { id: 'otlp_spans-0-anew-7' })
      expect(shown).toMatchObject({ logId: 'anew-', state: 'quarantined' })
    })
  })

  describe('arrivals', () => {
    it('tell the minutes that an insert touched, and count a replay once', async () => {
      const span = (offsetMs: number) => ({
        traceId: Buffer.alloc(16, 1),
        spanId: Buffer.alloc(8, 1),
        startTimeUnixNano: `${nowMs + offsetMs}000000`,
        endTimeUnixNano: `${nowMs + offsetMs}000001`,
      })
      const scopeSpans = [{ spans: [span(-60_000), span(-1), span(0)] }]
      const file = join(under.folder, 'arrivals.bin')
      const resource = { attributes: [attribute('service.name', 's')] }
      stageRequests(file, 'TraceRecord', [{ resourceSpans: [{ resource, scopeSpans }] }])
      const [insert] = payloadInserts(defaultLayerSources).traces
      if (insert === undefined) throw new Error('no insert')
      for (let replay = 0; replay < 2; replay++) await under.store.payloads.insertPayloads(insert, file, 'arrivals')
      const sql =
        'SELECT Signal, toUnixTimestamp(Minute) AS minute, sum(Rows) AS rows FROM arrivals GROUP BY ALL ORDER BY ALL'
      expect(await under.rows(sql)).toEqual([
        { Signal: 'traces', minute: nowMs / 1000 - 60, rows: '2' },
        { Signal: 'traces', minute: nowMs / 1000, rows: '1' },
      ])
    })
  })
})
