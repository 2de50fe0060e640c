import { z } from 'zod'
import type { BatchIntent, CommittedPosition, PositionOrigin } from '../../bus.ts'

/**
 * The metadata of an offset commit: which log the position means, and the range about to be inserted. Offsets are texts, because JSON's
 * numbers end at 2^53.
 */
const offset = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
const suspect = z.object({ first: offset, last: offset, tries: z.number().int() })
const intent = z.object({ first: offset, last: offset, attempts: z.number().int(), suspect: suspect.nullable() })
const metadata = z.object({ ninefold: z.literal(1), log: z.string(), intent: intent.nullable() })

export interface FoundPosition {
  readonly origin: PositionOrigin
  /** The log that the position means; null when a sink did not write it. */
  readonly logId: string | null
  /** Null when none was committed, or the beginning was. */
  readonly position: CommittedPosition | null
}

export function writeMetadata(logId: string, found: BatchIntent | null): string {
  const texts = (range: { readonly first: bigint; readonly last: bigint }) => ({
    first: String(range.first),
    last: String(range.last),
  })
  const written = found && {
    ...texts(found),
    attempts: found.attempts,
    suspect: found.suspect && { ...texts(found.suspect), tries: found.suspect.tries },
  }
  return JSON.stringify({ ninefold: 1, log: logId, intent: written })
}

const noCommit = -1n

/** Metadata that is not a sink's means that somebody else moved the position; some tools write −2 for the beginning. */
export function readPosition(next: bigint, text: string): FoundPosition {
  if (next < 0n) return { origin: next === noCommit ? 'none' : 'other', logId: null, position: null }
  const parsed = metadata.safeParse(parseJson(text))
  if (!parsed.success) return { origin: 'other', logId: null, position: { next, intent: null } }
  return { origin: 'sink', logId: parsed.data.log, position: { next, intent: parsed.data.intent } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
