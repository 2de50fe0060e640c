import type { MinuteSelection } from '../../store/queries/rollup-minutes.ts'

/** A gap of more minutes than this ends a selection: reading what lies between would cost more than another statement. */
const widestGapMinutes = 5

/** Groups minutes (seconds since the epoch, any order) into selections that lie close together within one UTC day. */
export function selectMinutes(
  minutes: readonly number[],
): readonly (MinuteSelection & { readonly all: readonly number[] })[] {
  const groups: number[][] = []
  for (const minute of [...minutes].sort((a, b) => a - b)) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const near = last !== undefined && minute - last <= widestGapMinutes * 60 && sameDay(last, minute)
    if (group !== undefined && near) group.push(minute)
    else groups.push([minute])
  }
  return groups.map(all => {
    const from = all[0] ?? 0
    const to = (all.at(-1) ?? 0) + 60
    const range = { fromMs: from * 1000, toMs: to * 1000, all }
    return (to - from) / 60 === all.length ? range : { ...range, minutes: all }
  })
}

function sameDay(a: number, b: number): boolean {
  return Math.floor(a / 86_400) === Math.floor(b / 86_400)
}
