import { cellBits } from './wire-table.ts'

/**
 * Numbers whose type is narrower than the 64 bits a variable-length integer can carry. Protobuf readers cut what is beyond;
 * the engine refuses it.
 */

/** Whether an int32 of more than four bytes is one: five bytes up to 2^31 − 1, or a negative one, extended to ten bytes. */
function isLongInt32(bytes: Uint8Array, start: number, end: number): boolean {
  const fifth = bytes[start + 4] as number
  if (end - start === 5) return fifth <= 0x07
  if (end - start !== 10 || (fifth & 0x78) !== 0x78) return false
  for (let at = start + 5; at < start + 9; at++) if (bytes[at] !== 0xff) return false
  return true
}

function isUint32(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= 4 || (end - start === 5 && (bytes[start + 4] as number) <= 0x0f)
}

/** Whether the variable-length integer in `bytes[start, end)` fits the narrow type of a cell; sint32 in its zigzag form. */
export function fitsNarrow(cell: number, bytes: Uint8Array, start: number, end: number): boolean {
  if ((cell & cellBits.bool) !== 0) return (bytes[start] as number) <= 1
  if ((cell & cellBits.uint32) !== 0) return isUint32(bytes, start, end)
  return end - start <= 4 || isLongInt32(bytes, start, end)
}

/** The number that every protobuf reader makes of it, as it is written; null for types that are not narrow. */
export function narrowed(value: bigint, type: string): bigint | null {
  if (type === 'bool') return value === 0n ? 0n : 1n
  if (type === 'int32') return BigInt.asUintN(64, BigInt.asIntN(32, value))
  return type === 'uint32' || type === 'sint32' ? BigInt.asUintN(32, value) : null
}
