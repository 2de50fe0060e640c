import { createHash } from 'node:crypto'
import { topics } from '../../../ingest/bus/bus.ts'
import { openTopicReader } from '../../factories/kafka-batches.ts'
import { logRecordsOf, spanIdsOf } from '../../factories/otlp.ts'

/** A record that is on the log a second time: somebody sent the same bytes again. */
export interface Repeat {
  readonly signal: 'spans' | 'logs'
  readonly events: number
}

/** What is on the log of the demo's shop, without the past that it made up, and without repeats. */
export interface LogTally {
  /** Reads what is new. @returns how many records that was, of the past as well. */
  read(): Promise<number>
  /** In how many records each span is, by its id. */
  readonly spans: ReadonlyMap<string, number>
  /** Log records. */
  logs(): number
  readonly repeats: readonly Repeat[]
  close(): Promise<void>
}

/** In each resource of the past: docs/guides/demo.md. */
export const pastAttribute = 'ninefold.demo.backfill'

export async function openLogTally(addresses: readonly string[]): Promise<LogTally> {
  const spans = new Map<string, number>()
  const repeats: Repeat[] = []
  const seen = new Set<string>()
  let logs = 0
  const readers = await Promise.all(
    [{ signal: 'spans', topic: topics.traces } as const, { signal: 'logs', topic: topics.logs } as const].map(
      async ({ signal, topic }) => ({ signal, ...(await openTopicReader(addresses, topic)) }),
    ),
  )

  const take = (signal: Repeat['signal'], value: Uint8Array) => {
    if (Buffer.from(value).includes(pastAttribute)) return
    const bytes = createHash('sha256').update(signal).update(value).digest('hex')
    if (seen.has(bytes)) {
      const events = signal === 'logs' ? logRecordsOf(value) : spanIdsOf(value).length
      return void repeats.push({ signal, events })
    }
    seen.add(bytes)
    if (signal === 'logs') logs += logRecordsOf(value)
    else for (const id of spanIdsOf(value)) spans.set(id, (spans.get(id) ?? 0) + 1)
  }
  return {
    read: async () => {
      let records = 0
      for (const { signal, read } of readers)
        for await (const { value } of read()) {
          records++
          take(signal, value)
        }
      return records
    },
    spans,
    logs: () => logs,
    repeats,
    close: async () => {
      for (const reader of readers) await reader.close()
    },
  }
}
