import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { allShards, holdsSlo, type ShardSelection } from '../../store/queries/shards.ts'

export interface HeldShards extends ShardSelection {
  /** Another number each time that shards were given to this process: in between, others may have had them. */
  readonly term: number
}

/** Says which SLOs are this process's business. */
export interface ShardLease {
  /** Nothing is held as soon as somebody else may have it, whether that was said or not. */
  current(): HeldShards
}

/** One process has all SLOs, always. */
export const soleLease: ShardLease = { current: () => ({ ...allShards, term: 0 }) }

/** The specs with the SLOs and ratios of some shards only. */
export function specsOfShards(specs: SpecSet, shards: ShardSelection): SpecSet {
  if (shards.held.length === shards.count) return specs
  const isHeld = ({ name }: { readonly name: string }) => holdsSlo(shards, name)
  return { ...specs, slos: specs.slos.filter(isHeld), ratios: specs.ratios.filter(isHeld) }
}
