/** What one message of CloudEvents may cost. Anything beyond is refused whole and by name. */
export const eventLimits = {
  /** Bytes of a message; the API takes less in one request. */
  maxBytes: 16 * 1024 * 1024,
  /** Events of a batch. */
  maxEvents: 1000,
  /** Nested objects and lists of a message, its own one included. */
  maxDepth: 32,
  /** Extensions and fields of the data of one event. */
  maxAttributes: 1024,
} as const
