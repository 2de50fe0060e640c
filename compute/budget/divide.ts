/** Bits kept before the one rounding; more than twice a double's 53, so that the sticky bit decides ties rightly. */
const keptBits = 128n

/**
 * The double nearest to `numerator / denominator` (ties to even), however large both are. Converting each to a double first
 * would round three times.
 * @throws RangeError when the denominator is 0: what no division means is the caller's to say.
 */
export function divide(numerator: bigint, denominator: bigint): number {
  if (denominator === 0n) throw new RangeError('division by zero')
  if (numerator === 0n) return 0
  const negative = numerator < 0n !== denominator < 0n
  const top = numerator < 0n ? -numerator : numerator
  const bottom = denominator < 0n ? -denominator : denominator
  const shift = keptBits + bitLength(bottom) - bitLength(top)
  const scaledTop = shift > 0n ? top << shift : top
  const scaledBottom = shift < 0n ? bottom << -shift : bottom
  const quotient = scaledTop / scaledBottom
  // A remainder is a "sticky" last bit: it breaks what would otherwise look like a tie.
  const sticky = scaledTop % scaledBottom === 0n ? quotient : quotient | 1n
  // In two steps: the power alone may be too small for a double where the product is not.
  const exponent = Number(-shift)
  const half = Math.trunc(exponent / 2)
  const value = Number(sticky) * 2 ** half * 2 ** (exponent - half)
  return negative ? -value : value
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(16).length * 4)
}
