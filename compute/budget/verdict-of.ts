import { layerColumns } from '../../slo-specs/schema/layers.ts'
import type { Correction, RatioIndicator, Slo } from '../../slo-specs/schema/model.ts'

/** What has to be asked of the events of an SLO, in the store's words. */
export function verdictOf(slo: Slo, { signal, total, good, bad, shareOf, isApart = false }: RatioIndicator) {
  return {
    slo: slo.name,
    revision: slo.revision,
    signal,
    total: total.expression,
    ...(good === undefined ? {} : { good: good.expression }),
    ...(bad === undefined ? {} : { bad: bad.expression }),
    ...(shareOf === undefined ? {} : { shareOf }),
    isApart,
    ...(slo.corrections === undefined ? {} : { corrections: slo.corrections.map(verdictCorrection) }),
    layerColumns: slo.layers.map(layer => layerColumns[layer]),
  }
}

function verdictCorrection({ times, predicate }: Correction) {
  return { within: times.within, ...(predicate === undefined ? {} : { predicate: predicate.expression }) }
}
