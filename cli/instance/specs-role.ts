import { createSpecLedger, type SpecLedger } from '../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce, type SpecsInForce } from '../../compute/jobs/specs-in-force.ts'
import type { Store } from '../../store/client/store.ts'
import type { RoleContext } from './role-context.ts'
import { type SpecSource, startSpecSource } from './spec-source.ts'

/** The specs in force, as the ledger in the store says. */
export interface Specs {
  readonly ledger: SpecLedger
  readonly inForce: SpecsInForce
  readonly source: SpecSource
}

const pollMs = 2000

/** @param directory a folder whose changes are put into force; null follows none. */
export async function startSpecs(context: RoleContext, store: Store, directory: string | null): Promise<Specs> {
  const { clock, logger, shutdown, meter } = context
  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger })
  const isShared = store.kind === 'remote'
  const source = await startSpecSource({ directory, isShared, inForce, ledger, clock, logger, meter, pollMs })
  shutdown.register('stop-accepting', 'spec source', () => source.stop())
  return { ledger, inForce, source }
}
