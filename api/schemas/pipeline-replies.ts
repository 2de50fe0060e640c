import { z } from 'zod'
import { count, time } from './replies.ts'

/** What the API says of the pipeline itself. */

export const deadLetter = z
  .object({
    id: z.string(),
    topic: z.string(),
    offset: count,
    reason: z.string(),
    message: z.string(),
    source: z.string(),
    receivedAt: time,
    quarantinedAt: time,
    state: z.enum(['quarantined', 'replayed']),
    bytes: z.int(),
  })
  .meta({ id: 'DeadLetter' })

const finding = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  remedy: z.string(),
})

const known = z.int().nullable().meta({ description: 'Null where this process cannot know it; see `elsewhere`' })

export const pipelineHealth = z
  .object({
    bus: z.object({ bytesInFlight: known, lagBytes: known, lagRecords: known }),
    sink: z.object({
      batches: known,
      records: known,
      bytes: known,
      deadLetters: known,
      failures: known,
      dropped: known.meta({ description: 'Payloads that were acknowledged and will not be stored: lost coverage' }),
      lastDelayMs: z.number().nullable(),
      lastStoredAt: time.nullable(),
      waiting: z
        .array(z.object({ topic: z.string(), partition: z.int(), reason: z.string(), remedy: z.string(), since: time }))
        .nullable()
        .meta({ description: 'Partitions that do not get on, with the code of why; nothing of them is passed over' }),
      gaps: z
        .array(
          z.object({
            topic: z.string(),
            partition: z.int(),
            reason: z.string(),
            firstOffset: z.number(),
            lastOffset: z.number(),
            noticedAt: time,
          }),
        )
        .nullable()
        .meta({ description: 'The newest of what `dropped` counts' }),
    }),
    evaluation: z.object({
      ticks: known,
      lastTickAt: time.nullable(),
      lastTickMs: z.number().nullable(),
      failedTicks: known,
      historyLeft: z.int().meta({ description: 'SLO revisions whose past is still being computed' }),
      historyBackTo: time
        .nullable()
        .meta({ description: 'How far back it is computed, day by day, of the one that lacks the most' }),
    }),
    store: z.object({ kind: z.enum(['embedded', 'remote']), version: z.string() }),
    specs: z.object({ revision: z.string(), slos: z.int(), findings: z.array(finding) }),
    uptimeSeconds: z.number(),
    rssBytes: z.int(),
    elsewhere: z
      .array(z.object({ part: z.enum(['bus', 'sink', 'evaluation']), reason: z.string() }))
      .meta({ description: 'Parts that other processes run, and where their missing numbers are' }),
  })
  .meta({ id: 'PipelineHealth' })
