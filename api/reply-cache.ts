import type { Clock } from '../lib/clock.ts'

export interface ReplyCache {
  /** The remembered text of this key, or what `make` gives; callers that come while it is made share it. Failures are not kept. */
  get(key: string, make: () => Promise<string>): Promise<string>
  /** After a change, so that whoever made it sees it. */
  clear(): void
}

interface Entry {
  readonly edition: number
  readonly madeAtMs: number
  readonly text: Promise<string>
}

/**
 * Keeps replies for a moment, so that many viewers of one page cost one query.
 * @param options.edition another number as soon as replies made before are out of date.
 */
export function createReplyCache(options: {
  readonly clock: Clock
  readonly keepMs: number
  readonly maxEntries: number
  readonly edition: () => number
}): ReplyCache {
  const { clock, keepMs, maxEntries } = options
  const entries = new Map<string, Entry>()
  const forget = (key: string, entry: Entry) => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  return {
    get: (key, make) => {
      const nowMs = clock.now()
      const known = entries.get(key)
      const edition = options.edition()
      if (known?.edition === edition && nowMs - known.madeAtMs < keepMs) return known.text
      const entry = { edition, madeAtMs: nowMs, text: make() }
      entry.text.catch(() => forget(key, entry))
      entries.delete(key)
      entries.set(key, entry)
      // A Map iterates in order of insertion: the first key is the oldest.
      const [oldest] = entries.keys()
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest)
      return entry.text
    },
    clear: () => entries.clear(),
  }
}
