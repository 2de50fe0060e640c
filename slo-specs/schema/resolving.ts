import type { Catalogue } from './definitions.ts'
import type { CelShapes } from './filter/cel-shapes.ts'
import type { ParsedFilter } from './filter/parse-filter.ts'
import type { Report } from './findings.ts'
import type { Ladder } from './ladder.ts'
import type { BudgetPolicy, Correction, NotificationTarget } from './model.ts'
import type { YamlValue } from './yaml-value.ts'

/** What every reader of a kind needs: where references lead, and whom to tell of problems. */
export interface Resolving {
  readonly catalogue: Catalogue
  readonly report: Report
  readonly ladders: ReadonlyMap<string, Ladder>
  /** The ladder of SLOs without alert policies, and the source of defaults. */
  readonly standard: Ladder
  /** All notification targets by name; inline ones are added as they are met. */
  readonly targets: Map<string, NotificationTarget>
  /** Filters read so far, by signal and text: many SLOs have the same. */
  readonly filters: Map<string, ParsedFilter>
  /** Of the others many differ only in the texts that they compare with. */
  readonly shapes: CelShapes
  /** What is left out of the counts, by the name of the SLO's definition. */
  readonly corrections: ReadonlyMap<string, readonly CorrectionRead[]>
  /** What a budget that runs out means, by the name of the SLO's definition. */
  readonly budgetPolicies: ReadonlyMap<string, readonly BudgetPolicy[]>
  /** Who is told of what, in the order of their names. */
  readonly routes: readonly NotificationRoute[]
  /** Whom SLOs without alert policies tell. */
  readonly defaultTargets: readonly string[]
}

/** A correction whose predicate is still to be read over the signal of each SLO that it is about. */
export interface CorrectionRead {
  readonly correction: Omit<Correction, 'predicate'>
  readonly predicateAt: YamlValue | undefined
}

/** Everything that is given in `match` has to apply. */
export interface NotificationRoute {
  readonly match: {
    readonly severities?: readonly ('page' | 'ticket' | 'no-data')[] | undefined
    readonly services?: readonly string[] | undefined
    readonly slos?: readonly string[] | undefined
    readonly labels?: Readonly<Record<string, string>> | undefined
  }
  readonly targets: readonly string[]
}
