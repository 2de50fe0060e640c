/** A decimal number as people write it, kept exactly: 0.999 is 999/1000, not the nearest double. */
export interface Decimal {
  readonly numerator: bigint
  /** A power of ten. */
  readonly denominator: bigint
}

/** More digits than any promise has; keeps a hostile `1e-999999` from becoming a million-digit integer. */
const mostDigits = 30

/**
 * The exact value of a decimal literal (`0.999`, `.5`, `9.99e-1`), or undefined when the text is not one or has more than
 * 30 digits on either side of the point.
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const places = fraction.length - Number(exponent)
  if (whole.length > mostDigits || Math.abs(places) > mostDigits || fraction.length > mostDigits) return undefined
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  if (places < 0) return { numerator: digits * 10n ** BigInt(-places), denominator: 1n }
  return reduced(digits, places)
}

/** The plain text of a decimal: 999/1000 is `0.999`. */
export function formatDecimal({ numerator, denominator }: Decimal): string {
  const places = denominator.toString().length - 1
  const sign = numerator < 0n ? '-' : ''
  const digits = (numerator < 0n ? -numerator : numerator).toString().padStart(places + 1, '0')
  if (places === 0) return `${sign}${digits}`
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** A hundredth of it: 99.9 becomes 0.999. */
export function hundredth({ numerator, denominator }: Decimal): Decimal {
  return reduced(numerator, denominator.toString().length - 1 + 2)
}

/** Trailing zeros say nothing: 0.9990 and 0.999 are one promise. */
function reduced(digits: bigint, places: number): Decimal {
  let numerator = digits
  let remaining = places
  while (remaining > 0 && numerator % 10n === 0n) {
    numerator /= 10n
    remaining -= 1
  }
  return { numerator, denominator: 10n ** BigInt(remaining) }
}
