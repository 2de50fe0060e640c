import { z } from 'zod'
import { defineTable } from '../../../store/client/query.ts'
import type { Store, Writer } from '../../../store/client/store.ts'
import { openStoreUnderTest } from '../../factories/store.ts'
import type { TestSpan } from './evaluate-filter.ts'

const tracesTable = defineTable({
  name: 'otel_traces',
  row: z.object({
    Timestamp: z.string(),
    SpanName: z.string(),
    SpanKind: z.string(),
    ServiceName: z.string(),
    StatusCode: z.string(),
    Duration: z.bigint(),
    ResourceAttributes: z.record(z.string(), z.string()),
    SpanAttributes: z.record(z.string(), z.string()),
  }),
})

/** Inserts spans as the sink does: one block, deduplicated by its token. */
export async function insertSpans(
  writer: Writer,
  spans: readonly TestSpan[],
  deduplicationToken: string,
): Promise<void> {
  const rows = spans.map(span => ({
    Timestamp: (span.atMs / 1000).toFixed(3),
    SpanName: span.name,
    SpanKind: span.kind,
    ServiceName: span.resource['service.name'] ?? '',
    StatusCode: span.status,
    Duration: span.durationNs,
    ResourceAttributes: { ...span.resource },
    SpanAttributes: { ...span.attributes },
  }))
  await writer.insert(tracesTable, rows, { deduplicationToken })
}

/** A migrated store of the connection that the suite's project has; one a test file, since a process opens one directory. */
export async function openTestStore(): Promise<{ store: Store; close: () => Promise<void> }> {
  const { store, close } = await openStoreUnderTest()
  return { store, close }
}
