/** What the engine cannot take as it is; a payload with any of them is rewritten (rewrite.ts). Bits of `Walk.needs`. */
export const needs = {
  /** Array, key-value list or bytes as an attribute value or log body. */
  exoticValue: 1,
  invalidUtf8: 2,
  absentTime: 4,
  /** An instant that its column cannot hold. */
  outOfRangeTime: 8,
  /** A singular field, or two members of a oneof, sent more than once in one message: the last one counts. */
  repeatedSingular: 16,
  /** A bool or 32-bit number sent with more bits than it has: protobuf cuts them off, the engine refuses. */
  wideNumber: 32,
} as const

export interface Walk {
  /** Spans, log records or data points. */
  readonly items: number
  /** Bits of `needs`; 0 when the payload goes to the bus as it came. */
  readonly needs: number
  /** Metrics whose data is of a kind this schema does not know, so that their points cannot be stored. */
  readonly unknownMetrics: number
}
