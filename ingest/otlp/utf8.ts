import { isUtf8 } from 'node:buffer'

/** Above this many bytes a native call is cheaper than a loop in JavaScript (measured, test/bench/gateway-walk.ts). */
const nativeFromBytes = 256

/** The shortest continuation-aware check of one multi-byte sequence at `at`; its length, or 0 when it is not UTF-8. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return 0
  const second = bytes[at + 1] as number
  // The second byte's range excludes overlong forms, surrogates and code points past U+10FFFF.
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] as number) & 0xc0) !== 0x80) return 0
  return length
}

/** Whether `bytes[start, end)` is well-formed UTF-8; made for many short ranges of one payload. */
export function isUtf8Range(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start >= nativeFromBytes) return isUtf8(bytes.subarray(start, end))
  let at = start
  while (at < end) {
    if ((bytes[at] as number) < 0x80) {
      at++
      continue
    }
    const length = sequenceLength(bytes, at, end)
    if (length === 0) return false
    at += length
  }
  return true
}
