/** Beginnings and ends of the spans that are left out, milliseconds since the epoch. */
export interface LeftOut {
  readonly froms: readonly number[]
  readonly untils: readonly number[]
}

/** SQL that is true for a moment (milliseconds) within one of the spans. */
export const isLeftOut = (moment: string, froms: string, untils: string) =>
  `arrayExists((f, u) -> ${moment} >= f AND ${moment} < u, ${froms}, ${untils})`
