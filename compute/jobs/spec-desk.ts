import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { compareFindings, type Finding, formatFinding } from '../../lib/findings.ts'
import { diffRatios, type RatioChange } from '../../slo-specs/schema/diff-ratios.ts'
import { diffSlos, type SloChange } from '../../slo-specs/schema/diff-slos.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { ParsedSpecs, SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import type { Reader } from '../../store/client/store.ts'
import { type Backtest, type BacktestRange, backtestSpecs } from './backtest-specs.ts'
import { findingsOfData } from './data-findings.ts'
import { planSpecs, type ReplayRange, type SpecPlan } from './plan-specs.ts'
import type { SpecEntry, SpecLedger, SpecOrigin, StoredSpecSet } from './spec-ledger.ts'
import { type ApplyOutcome, type ApplyRules, parseSpecFiles, type SpecsInForce } from './specs-in-force.ts'

export interface SpecDeskOptions {
  readonly reader: Reader
  readonly ledger: SpecLedger
  readonly inForce: SpecsInForce
  readonly clock: Clock
  /** How long raw events are kept; for ever when absent. */
  readonly rawRetentionSeconds?: number
}

/** What two sets of specs mean otherwise. */
export interface SpecDiff {
  readonly slos: readonly SloChange[]
  readonly ratios: readonly RatioChange[]
}

/** Where people come with specs of theirs: commands and API do the same through it. */
export interface SpecDesk {
  /** Beside what the files say, the findings tell what the data says of them. */
  validate(files: readonly SpecFile[]): Promise<ParsedSpecs>
  /** Null with the findings when the files have errors. */
  plan(
    files: readonly SpecFile[],
    range: ReplayRange,
  ): Promise<{ readonly findings: readonly Finding[]; readonly plan: SpecPlan | null }>
  /** Null with the findings when the files have errors. */
  backtest(
    files: readonly SpecFile[],
    range: BacktestRange,
  ): Promise<{ readonly findings: readonly Finding[]; readonly backtest: Backtest | null }>
  apply(files: readonly SpecFile[], origin: Omit<SpecOrigin, 'source'>, rules: ApplyRules): Promise<ApplyOutcome>
  /** The revision in force, and those that were, newest first. */
  revisions(limit: number): Promise<{ readonly current: string; readonly entries: readonly SpecEntry[] }>
  /** By the beginning of its revision; undefined when there is none. */
  revision(revision: string): Promise<StoredSpecSet | undefined>
  /** What changed from one revision to another in what they mean, without what stayed; undefined when one of them is not there. */
  diff(from: string, to: string): Promise<SpecDiff | undefined>
  /** Puts an earlier revision into force again; undefined when there is none. */
  rollback(
    revision: string,
    origin: Pick<SpecOrigin, 'author' | 'message'>,
    rules: Pick<ApplyRules, 'expected'>,
  ): Promise<ApplyOutcome | undefined>
}

export function createSpecDesk({ reader, ledger, inForce, clock, rawRetentionSeconds }: SpecDeskOptions): SpecDesk {
  const past = { reader, clock, rawRetentionSeconds }
  const specsOf = async (revision: string): Promise<SpecSet | undefined> => {
    if (revision === inForce.current().revision) return inForce.current()
    const stored = await ledger.find(revision)
    if (stored === undefined) return undefined
    const { specs, findings } = await parseSpecFiles(stored.files)
    if (specs === null) throw new NinefoldError('SPECS_INVALID', findings.map(formatFinding).join('\n'))
    return specs
  }
  const withData = async ({ findings }: ParsedSpecs, specs: SpecSet, plan?: SpecPlan) =>
    [...findings, ...(await findingsOfData(reader, specs, clock.now(), plan))].sort(compareFindings)
  return {
    validate: async files => {
      const parsed = await parseSpecFiles(files)
      return parsed.specs === null ? parsed : { ...parsed, findings: await withData(parsed, parsed.specs) }
    },
    plan: async (files, range) => {
      const parsed = await parseSpecFiles(files)
      if (parsed.specs === null) return { findings: parsed.findings, plan: null }
      const plan = await planSpecs(past, { before: inForce.current(), after: parsed.specs }, range)
      return { findings: await withData(parsed, parsed.specs, plan), plan }
    },
    backtest: async (files, range) => {
      const { specs, findings } = await parseSpecFiles(files)
      return { findings, backtest: specs === null ? null : await backtestSpecs(past, specs, range) }
    },
    apply: (files, origin, rules) => inForce.apply(files, { ...origin, source: 'apply' }, rules),
    revisions: async limit => ({ current: inForce.current().revision, entries: await ledger.list(limit) }),
    revision: ledger.find,
    diff: async (from, to) => {
      const [before, after] = [await specsOf(from), await specsOf(to)]
      if (before === undefined || after === undefined) return undefined
      const slos = diffSlos(before, after).filter(({ kind }) => kind !== 'unchanged')
      return { slos, ratios: diffRatios(before, after) }
    },
    rollback: async (revision, { author, message }, { expected }) => {
      const stored = await ledger.find(revision)
      if (stored === undefined) return undefined
      const { path, commit, files } = stored
      const origin = { source: 'rollback', path, commit, author, message } as const
      // Who goes back wants exactly what was, with or without what came since.
      return inForce.apply(files, origin, { prune: true, ...(expected === undefined ? {} : { expected }) })
    },
  }
}
