/** What one OTLP request may cost. Anything beyond is refused whole and by name, never cut short. */
export interface OtlpLimits {
  /** Bytes of a body as sent (compressed, when it is). */
  readonly maxBodyBytes: number
  /** Bytes of a body after inflating; inflating stops there. */
  readonly maxDecompressedBytes: number
  /** Nested messages counted from the request itself; a plain span attribute value is at level 6, an event's at 7. */
  readonly maxDepth: number
  /** Attributes of one resource, scope, span, event, link, log record, data point or exemplar. */
  readonly maxAttributes: number
  /** Bytes of an attribute's key. */
  readonly maxAttributeKeyBytes: number
  /** Bytes of an attribute's encoded value, nested values included. */
  readonly maxAttributeValueBytes: number
}

const mebibyte = 1024 * 1024

export const defaultOtlpLimits: OtlpLimits = {
  maxBodyBytes: 16 * mebibyte,
  maxDecompressedBytes: 64 * mebibyte,
  maxDepth: 32,
  maxAttributes: 1024,
  maxAttributeKeyBytes: 4096,
  maxAttributeValueBytes: 4 * mebibyte,
}
