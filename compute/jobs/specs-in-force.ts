import { NinefoldError } from '../../lib/errors.ts'
import { type Finding, formatFinding } from '../../lib/findings.ts'
import type { Logger } from '../../lib/logger.ts'
import { diffRatios } from '../../slo-specs/schema/diff-ratios.ts'
import { diffSlos } from '../../slo-specs/schema/diff-slos.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { type ParsedSpecs, parseSpecs, type SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import type { SpecLedger, SpecOrigin, StoredSpecSet } from './spec-ledger.ts'

/** What came of a wish to put specs into force. */
export type ApplyOutcome =
  | { readonly outcome: 'applied' | 'unchanged'; readonly revision: string; readonly findings: readonly Finding[] }
  | { readonly outcome: 'invalid'; readonly findings: readonly Finding[] }
  /** SLOs, ratios or synthetic transactions would be gone, and nobody said that they may be. */
  | { readonly outcome: 'would-remove'; readonly removed: readonly string[]; readonly findings: readonly Finding[] }

export interface ApplyRules {
  /** The revision that the change was made for. @throws SPECS_CONFLICT when another one is in force by now. */
  readonly expected?: string
  /** SLOs, ratios and synthetic transactions in force that the files do not have may go. */
  readonly prune: boolean
}

/** The one set of specs in force. Changes happen one after another; each is written down before it takes effect. */
export interface SpecsInForce {
  current(): SpecSet
  /** Takes up what was in force when the last process ended; undefined when nothing ever was. */
  load(): Promise<SpecSet | undefined>
  /** Takes up what another process has put into force since. */
  refresh(): Promise<void>
  apply(files: readonly SpecFile[], origin: SpecOrigin, rules: ApplyRules): Promise<ApplyOutcome>
  /** Without writing it down: for who only reads. */
  adopt(specs: SpecSet): void
}

/** Others who apply at the same moment are judged again against what came first, this many times. */
const mostTries = 5

export const emptySpecs: SpecSet = { slos: [], ratios: [], services: [], targets: [], revision: 'none' }

export async function parseSpecFiles(files: readonly SpecFile[]): Promise<ParsedSpecs> {
  return parseSpecs(files, { standard: await loadLadder() })
}

/** SLOs that would be gone, and ratios and synthetic transactions, which say that they are. */
function removedNames(before: SpecSet, after: SpecSet): string[] {
  const slos = diffSlos(before, after).filter(({ kind }) => kind === 'removed')
  const ratios = diffRatios(before, after).filter(({ kind }) => kind === 'removed')
  const kept = new Set((after.transactions ?? []).map(({ name }) => name))
  const transactions = (before.transactions ?? []).filter(({ name }) => !kept.has(name))
  return [
    ...slos.map(({ name }) => name),
    ...ratios.map(({ name }) => `ratio ${name}`),
    ...transactions.map(({ name }) => `synthetic transaction ${name}`),
  ]
}

export function createSpecsInForce({
  ledger,
  logger,
}: {
  readonly ledger: SpecLedger
  readonly logger: Logger
}): SpecsInForce {
  let current = emptySpecs
  let sequence = 0n
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  /** @returns undefined, and what was in force stays, when they have errors for this version. */
  const takeUp = async (stored: StoredSpecSet): Promise<SpecSet | undefined> => {
    sequence = stored.sequence
    const { specs, findings } = await parseSpecFiles(stored.files)
    if (specs === null) {
      for (const finding of findings) logger.error(formatFinding(finding))
      logger.error({ revision: stored.revision }, 'the specs that were put into force have errors for this version')
      return undefined
    }
    current = specs
    return specs
  }

  const refreshNow = async () => {
    const [newest] = await ledger.list(1)
    if (newest === undefined || newest.sequence <= sequence) return
    const stored = await ledger.latest()
    if (stored === undefined || (await takeUp(stored)) === undefined) return
    const { revision, slos, source, author } = stored
    logger.info({ revision, slos, source, author }, 'specs in force, put there by another process')
  }

  const applyNow = async (files: readonly SpecFile[], origin: SpecOrigin, rules: ApplyRules): Promise<ApplyOutcome> => {
    const { specs, findings } = await parseSpecFiles(files)
    if (specs === null) return { outcome: 'invalid', findings }
    const set = { revision: specs.revision, slos: specs.slos.length, files }
    for (let tries = 0; tries < mostTries; tries++) {
      await refreshNow()
      if (specs.revision === current.revision) return { outcome: 'unchanged', revision: specs.revision, findings }
      if (rules.expected !== undefined && rules.expected !== current.revision) {
        const message = `revision ${current.revision} came into force meanwhile; the change was made for ${rules.expected}`
        throw new NinefoldError('SPECS_CONFLICT', message)
      }
      const removed = removedNames(current, specs)
      if (removed.length > 0 && !rules.prune) return { outcome: 'would-remove', removed, findings }
      if (!(await ledger.add(set, origin, sequence))) continue
      sequence += 1n
      current = specs
      const { source, author, commit } = origin
      logger.info({ revision: specs.revision, slos: specs.slos.length, source, author, commit }, 'specs in force')
      return { outcome: 'applied', revision: specs.revision, findings }
    }
    throw new NinefoldError('SPECS_CONFLICT', 'others put specs into force again and again at the same moment')
  }

  return {
    current: () => current,
    load: () =>
      inTurn(async () => {
        const stored = await ledger.latest()
        const specs = stored === undefined ? undefined : await takeUp(stored)
        if (specs !== undefined)
          logger.info(
            { revision: specs.revision, slos: specs.slos.length, source: stored?.source },
            'specs in force, as before',
          )
        return specs
      }),
    refresh: () => inTurn(refreshNow),
    apply: (files, origin, rules) => inTurn(() => applyNow(files, origin, rules)),
    adopt: specs => {
      current = specs
    },
  }
}
