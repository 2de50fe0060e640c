/** Protobuf as far as cutting a payload needs it: the fields of a message, and a field framed anew. */

/** Tag and length of a part that is framed anew. */
export const frameBytes = 6

export interface Field {
  readonly number: number
  /** With tag and length. */
  readonly bytes: Buffer
  readonly content: Buffer
}

export function frame(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | 2]
  let rest = content.length
  while (rest > 127) {
    head.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.concat([Buffer.from([...head, rest]), content])
}

/** The top-level fields of a message, or null when its framing is broken. */
export function readFields(bytes: Buffer): Field[] | null {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const content = tag === null ? null : contentOf(bytes, tag.value & 7, tag.end)
    if (tag === null || content === null || content.end > bytes.length) return null
    const { start, end } = content
    fields.push({ number: tag.value >>> 3, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return fields
}

/** Where a field's content lies, by its wire type; null for one that OTLP does not use. */
function contentOf(bytes: Buffer, wire: number, from: number): { readonly start: number; readonly end: number } | null {
  if (wire === 1) return { start: from, end: from + 8 }
  if (wire === 5) return { start: from, end: from + 4 }
  const number = wire === 0 || wire === 2 ? readVarint(bytes, from) : null
  if (number === null) return null
  return wire === 0 ? { start: from, end: number.end } : { start: number.end, end: number.end + number.value }
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0
  let factor = 1
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, end: at + 1 }
    factor *= 128
  }
  return null
}
