import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createStore } from '../../../store/client/create-store.ts'
import { defineTable } from '../../../store/client/query.ts'
import type { Store, Writer } from '../../../store/client/store.ts'
import { migrate } from '../../../store/migrations/migrate.ts'
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

/** A migrated store in a directory of its own; one a test file, since a process opens one directory. */
export async function openTestStore(): Promise<{ store: Store; close: () => Promise<void> }> {
  const path = mkdtempSync(join(tmpdir(), 'ninefold-compute-'))
  const store = await createStore({ kind: 'embedded', path })
  await migrate(store.compute, { nowMs: Date.now() })
  return {
    store,
    close: async () => {
      await store.close()
      rmSync(path, { recursive: true, force: true })
    },
  }
}
