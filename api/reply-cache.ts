import type { Clock } from '../lib/clock.ts'

export interface ReplyCache {
  /** The remembered text of this key, or what `make` gives; callers that come while it is made share it. Failures are not kept. */
  get(key: string, make: () => Promise<string>): Promise<string>
  /** After a change, so that whoever made it sees it. */
  clear(): void
}

interface Entry {
  readonly madeAtMs: number
  readonly text: Promise<string>
}

/** Keeps replies for a moment, so that many viewers of one page cost one query. */
export function createReplyCache(options: { clock: Clock; keepMs: number; maxEntries: number }): ReplyCache {
  const { clock, keepMs, maxEntries } = options
  const entries = new Map<string, Entry>()
  const forget = (key: string, entry: Entry) => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  return {
    get: (key, make) => {
      const nowMs = clock.now()
      const known = entries.get(key)
      if (known !== undefined && nowMs - known.madeAtMs < keepMs) return known.text
      const entry = { madeAtMs: nowMs, text: make() }
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
