import { endOfValues, prefixLength, readVarint } from './native-type.ts'

/** From this revision of the protocol on, each column says whether its values are written in a way of their own. */
const withCustomSerialization = 54_454

/** Not of totals (field 1), of no bucket (field 2, minus one), no more fields. */
const blockInfo = Buffer.from([1, 0, 2, 255, 255, 255, 255, 0])

/**
 * Blocks of format Native as a server writes them for a client that names its protocol version in `client_protocol_version`. The engine
 * writes those of a client that names none; the values are the same, what stands before them is not.
 * @param revision from 1 on: what the client said.
 * @throws EngineError NOT_IMPLEMENTED for types whose values a server writes otherwise too, such as JSON.
 */
export function nativeOfRevision(bytes: Buffer, revision: number): Buffer {
  const parts: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    const columns = readVarint(bytes, at)
    const rows = readVarint(bytes, columns.end)
    parts.push(blockInfo, bytes.subarray(at, rows.end))
    at = rows.end
    for (let column = 0; column < columns.value; column++) {
      const name = readVarint(bytes, at)
      const type = readVarint(bytes, name.end + name.value)
      const values = type.end + type.value
      parts.push(bytes.subarray(at, values))
      if (revision >= withCustomSerialization) parts.push(Buffer.from([0]))
      const typeName = bytes.toString('utf8', type.end, values)
      at = rows.value === 0 ? values : endOfValues(typeName, bytes, values + prefixLength(typeName), rows.value)
      parts.push(bytes.subarray(values, at))
    }
  }
  return Buffer.concat(parts)
}
