import type { Clock } from '../../lib/clock.ts'
import type { Finding } from '../../lib/findings.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { type ParsedSpecs, parseSpecs, type SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import type { Reader } from '../../store/client/store.ts'
import { planSpecs, type ReplayRange, type SpecPlan } from './plan-specs.ts'

export interface SpecDeskOptions {
  readonly reader: Reader
  /** The specs in force, which changes are held against. */
  readonly current: () => SpecSet
  readonly clock: Clock
}

/** Where people come with specs of theirs: commands and API do the same through it. */
export interface SpecDesk {
  validate(files: readonly SpecFile[]): Promise<ParsedSpecs>
  /** Null with the findings when the files have errors. */
  plan(
    files: readonly SpecFile[],
    range: ReplayRange,
  ): Promise<{ readonly findings: readonly Finding[]; readonly plan: SpecPlan | null }>
}

export function createSpecDesk({ reader, current, clock }: SpecDeskOptions): SpecDesk {
  const validate = async (files: readonly SpecFile[]) => parseSpecs(files, { standard: await loadLadder() })
  return {
    validate,
    plan: async (files, range) => {
      const { specs, findings } = await validate(files)
      if (specs === null) return { findings, plan: null }
      return { findings, plan: await planSpecs({ reader, clock }, { before: current(), after: specs }, range) }
    },
  }
}
