import type { VerdictCorrection } from './event-filter.ts'
import { compileFilter } from './filter-sql.ts'
import { isLeftOut, type LeftOut } from './left-out.ts'
import type { MinuteSelection } from './minute-selection.ts'
import { PlaceholderList } from './placeholders.ts'
import type { VerdictMember, VerdictShape } from './verdict-shapes.ts'

/**
 * The shapes as they are within a selection. A member that a correction touches there stands by itself with the correction as part of its
 * condition; the others, which are nearly all nearly always, go on sharing their scans.
 */
export function correctedShapes(shapes: readonly VerdictShape[], selection: MinuteSelection): readonly VerdictShape[] {
  return shapes.flatMap(shape => {
    if (shape.members.every(({ corrections }) => corrections === undefined)) return [shape]
    const touching = shape.members.map(member => ({ member, corrections: touchingOf(member, selection) }))
    const untouched = touching.flatMap(({ member, corrections }) => (corrections.length === 0 ? [member] : []))
    const apart = touching
      .filter(({ corrections }) => corrections.length > 0)
      .map(({ member, corrections }) => corrected(shape, member, corrections))
    return untouched.length === 0 ? apart : [{ ...shape, members: untouched }, ...apart]
  })
}

interface Touching extends LeftOut {
  readonly predicate?: VerdictCorrection['predicate']
}

function touchingOf({ corrections = [] }: VerdictMember, { fromMs, toMs }: MinuteSelection): Touching[] {
  return corrections.flatMap(({ within, predicate }) => {
    const spans = within({ fromMs, toMs })
    if (spans.length === 0) return []
    const leftOut = { froms: spans.map(span => span.fromMs), untils: spans.map(span => span.toMs) }
    return [{ ...leftOut, ...(predicate === undefined ? {} : { predicate }) }]
  })
}

function corrected(shape: VerdictShape, member: VerdictMember, corrections: readonly Touching[]): VerdictShape {
  if (shape.metric !== undefined) return { ...shape, members: [member], leftOut: wholeMinutes(corrections) }
  const { source } = shape
  const list = new PlaceholderList(shape.names, member.constants)
  const kept = corrections.map(({ froms, untils, predicate }) => {
    const spans = [froms, untils].map(moments => list.constant('Array(Int64)', moments)) as [string, string]
    const isIn = isLeftOut(`toUnixTimestamp64Milli(${source.time})`, ...spans)
    return predicate === undefined ? `NOT ${isIn}` : `NOT (${isIn} AND (${compileFilter(predicate, source, list)}))`
  })
  return {
    ...shape,
    residual: [shape.residual, ...kept].join(' AND '),
    names: list.names,
    members: [{ ...member, constants: list.constants }],
  }
}

/** What is no event has no predicate either: validation refuses it. */
function wholeMinutes(corrections: readonly Touching[]): LeftOut {
  return {
    froms: corrections.flatMap(({ froms }) => froms),
    untils: corrections.flatMap(({ untils }) => untils),
  }
}
