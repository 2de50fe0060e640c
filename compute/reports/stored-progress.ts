import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { lastStored } from '../../store/tables/sink-offsets.ts'
import { historyStates } from '../../store/tables/spec-revisions.ts'

/** What a process that neither stores nor evaluates can say of those that do: what they have written down. */
export interface StoredProgress {
  /** When the last batch was stored; null before the first. */
  lastStoredAtMs(): Promise<number | null>
  /** SLOs in force whose past is not computed yet. */
  historyLeft(): Promise<number>
}

export function createStoredProgress({
  reader,
  specs,
}: {
  readonly reader: Reader
  readonly specs: () => SpecSet
}): StoredProgress {
  return {
    lastStoredAtMs: async () => (await reader.query(lastStored, {}))[0]?.atMs ?? null,
    historyLeft: async () => {
      const done = new Set<string>()
      for (const { slo, revision, historyDone } of await reader.query(historyStates, {}))
        if (historyDone) done.add(`${slo}\0${revision}`)
      return specs().slos.filter(({ name, revision }) => !done.has(`${name}\0${revision}`)).length
    },
  }
}
