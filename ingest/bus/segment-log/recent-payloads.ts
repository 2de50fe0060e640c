import { readFile } from 'node:fs/promises'
import { identityOf, repeatWindowMs } from '../payload-identity.ts'
import { parseRecord } from './record-codec.ts'
import type { Segment } from './segment.ts'

/** Of one topic. Beyond them the oldest are forgotten, so that under a flood the window is shorter. */
const mostRemembered = 100_000
/** So much of a partition is read again at most when the log is opened: what had no answer when the process ended is the newest of it. */
const mostBytesRead = 128 * 1024 * 1024

export interface SeenPayload {
  readonly identity: string
  readonly receivedAtMs: number
}

/** What was written to one topic within the window, whichever of its partitions has it. */
export class RecentPayloads {
  readonly #seen = new Map<string, { readonly receivedAtMs: number; readonly durable: Promise<void> | null }>()

  /** @param found what a former run left on disk. */
  constructor(found: readonly SeenPayload[]) {
    const oldestFirst = found.toSorted((a, b) => a.receivedAtMs - b.receivedAtMs)
    for (const { identity, receivedAtMs } of oldestFirst) this.#add(identity, receivedAtMs, null)
  }

  /** Resolves when the payload is durable, be it that `write` wrote it or that it had been written before. */
  async once({ identity, receivedAtMs }: SeenPayload, write: () => Promise<void>, onRepeat: () => void): Promise<void> {
    const former = this.#seen.get(identity)
    if (former !== undefined && receivedAtMs - former.receivedAtMs <= repeatWindowMs) {
      onRepeat()
      return await (former.durable ?? undefined)
    }
    const durable = write()
    this.#add(identity, receivedAtMs, durable)
    try {
      await durable
      this.#seen.set(identity, { receivedAtMs, durable: null })
    } catch (error) {
      this.#seen.delete(identity)
      throw error
    }
  }

  #add(identity: string, receivedAtMs: number, durable: Promise<void> | null): void {
    // To the end, so that what is forgotten first is what was seen longest ago.
    this.#seen.delete(identity)
    this.#seen.set(identity, { receivedAtMs, durable })
    for (const [oldest, seen] of this.#seen) {
      const isPast = receivedAtMs - seen.receivedAtMs > repeatWindowMs || this.#seen.size > mostRemembered
      if (!isPast) break
      this.#seen.delete(oldest)
    }
  }
}

/** Payloads of a partition that were received since then, its newest first, as far as they are among the bytes that are read again. */
export async function readRecentPayloads(segments: readonly Segment[], sinceMs: number): Promise<SeenPayload[]> {
  const found: SeenPayload[] = []
  let bytesRead = 0
  for (const { path, size, newestMs } of segments.toReversed()) {
    if (size === 0) continue
    if (newestMs < sinceMs || bytesRead >= mostBytesRead) break
    bytesRead += size
    found.push(...payloadsOf(await readFile(path), sinceMs))
  }
  return found
}

/** Spoilt records are passed over: what follows the first of them in its segment may be counted again, and is not lost. */
function payloadsOf(bytes: Buffer, sinceMs: number): SeenPayload[] {
  const found: SeenPayload[] = []
  for (let record = parseRecord(bytes, 0); record !== undefined; record = parseRecord(bytes, record.end)) {
    const { payload, receivedAtMs } = record
    if (receivedAtMs >= sinceMs) found.push({ identity: identityOf(payload), receivedAtMs })
  }
  return found
}
