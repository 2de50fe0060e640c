import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { lastStored } from '../../store/tables/sink-offsets.ts'
import { historyStates, noHistory } from '../../store/tables/spec-revisions.ts'

export interface HistoryProgress {
  /** SLOs in force whose past is not computed yet. */
  readonly left: number
  /** How far back the past is computed of the one that lacks the most; null when none lacks any, or one has none at all. */
  readonly backToMs: number | null
}

/** What a process that neither stores nor evaluates can say of those that do: what they have written down. */
export interface StoredProgress {
  /** When the last batch was stored; null before the first. */
  lastStoredAtMs(): Promise<number | null>
  history(): Promise<HistoryProgress>
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
    history: async () => {
      const rows = await reader.query(historyStates, {})
      const states = new Map(rows.map(row => [`${row.name}\0${row.revision}`, row]))
      // The past of what is counted elsewhere is asked for there; a composite has its members'.
      const lacking = specs()
        .slos.filter(({ indicator }) => indicator.kind === 'ratio')
        .map(
          ({ name, revision }) => states.get(`${name}\0${revision}`) ?? { historyDone: false, historyFrom: noHistory },
        )
        .filter(({ historyDone }) => !historyDone)
      const from = lacking.reduce((latest, { historyFrom }) => Math.max(latest, historyFrom), 0)
      return { left: lacking.length, backToMs: lacking.length === 0 || from === noHistory ? null : from * 1000 }
    },
  }
}
