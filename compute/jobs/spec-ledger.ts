import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import type { Writer } from '../../store/client/store.ts'
import {
  lastSpecSet,
  listSpecSets,
  revisionsBeginning,
  specSetAt,
  specSetsTable,
} from '../../store/tables/spec-sets.ts'

/** Who put a set of specs into force, and why. */
export interface SpecOrigin {
  readonly source: 'directory' | 'apply' | 'rollback'
  /** Folder or files that it came from, as somebody named them. */
  readonly path: string
  readonly author: string
  /** Of the repository that the files are in. */
  readonly commit: string
  readonly message: string
}

export interface SpecEntry extends SpecOrigin {
  readonly sequence: bigint
  readonly revision: string
  readonly appliedAtMs: number
  readonly slos: number
}

export interface StoredSpecSet extends SpecEntry {
  readonly files: readonly SpecFile[]
}

/** The written record of what was promised when: sets of specs in the order in which they came into force. */
export interface SpecLedger {
  /** In force; undefined before the first. */
  latest(source?: SpecOrigin['source']): Promise<StoredSpecSet | undefined>
  /** Newest first. */
  list(limit: number): Promise<readonly SpecEntry[]>
  /** By the beginning of its revision. @throws API_BAD_REQUEST when several begin so. */
  find(revision: string): Promise<StoredSpecSet | undefined>
  /**
   * Puts a set after the one with the sequence `after` (0n for none).
   * @returns false when another one has come after that meanwhile; then nothing was written.
   */
  add(
    set: { readonly revision: string; readonly slos: number; readonly files: readonly SpecFile[] },
    origin: SpecOrigin,
    after: bigint,
  ): Promise<boolean>
}

export function createSpecLedger({ writer, clock }: { readonly writer: Writer; readonly clock: Clock }): SpecLedger {
  const latest: SpecLedger['latest'] = async (source = undefined) => {
    const [row] = await writer.query(lastSpecSet, { revision: '', source: source ?? '' })
    return row
  }
  return {
    latest,
    list: limit => writer.query(listSpecSets, { limit }),
    find: async revision => {
      const matching = await writer.query(revisionsBeginning, { revision })
      if (matching.length > 1) {
        const names = matching.map(each => each.revision).join(', ')
        throw new NinefoldError('API_BAD_REQUEST', `several revisions begin with ${revision}: ${names}`)
      }
      const [row] = matching.length === 0 ? [] : await writer.query(lastSpecSet, { revision, source: '' })
      return row
    },
    add: async ({ revision, slos, files }, { source, path, author, commit, message }, after) => {
      const sequence = after + 1n
      const row = {
        Sequence: sequence,
        Revision: revision,
        AppliedAt: clock.now(),
        Source: source,
        Path: path,
        Author: author,
        Commit: commit,
        Message: message,
        Slos: slos,
        Files: JSON.stringify(files),
      }
      // The engine takes a token once, whoever comes first: it is the lock of this place in the order.
      await writer.insert(specSetsTable, [row], { deduplicationToken: `spec-set-${sequence}` })
      const [written] = await writer.query(specSetAt, { sequence })
      return (
        written?.revision === revision &&
        written.appliedAtMs === row.AppliedAt &&
        written.source === source &&
        written.author === author &&
        written.message === message
      )
    },
  }
}
