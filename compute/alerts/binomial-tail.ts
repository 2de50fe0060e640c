/**
 * P(X ≥ successes) for X binomial in `trials` with probability `chance`: how likely so much bad luck is. Stable for any number
 * of trials (relative error about 1e-11 far into the tail), because the probability of one outcome comes from the saddle-point
 * form (C. Loader, "Fast and accurate computation of binomial probabilities", 2000) instead of differences of log-factorials, and
 * the sum of the tail from the continued fraction of the incomplete beta function (NIST DLMF 8.17.22).
 */
export function binomialTail(successes: number, trials: number, chance: number): number {
  if (successes <= 0) return 1
  if (successes > trials || chance <= 0) return 0
  if (chance >= 1) return 1
  // The fraction converges fast only beyond the mean; below it the other tail is the smaller one.
  if (successes <= trials * chance) return 1 - upperTail(trials - successes + 1, trials, 1 - chance)
  return upperTail(successes, trials, chance)
}

function upperTail(successes: number, trials: number, chance: number): number {
  if (successes > trials) return 0
  const outcome = binomialProbability(successes, trials, chance)
  return Math.min(1, outcome * (1 - chance) * betaFraction(successes, trials - successes + 1, chance))
}

/** P(X = successes). */
function binomialProbability(successes: number, trials: number, chance: number): number {
  const failures = trials - successes
  if (failures === 0) return Math.exp(trials * Math.log(chance))
  const logProbability =
    stirlingError(trials) -
    stirlingError(successes) -
    stirlingError(failures) -
    deviance(successes, trials * chance) -
    deviance(failures, trials * (1 - chance))
  return Math.exp(logProbability) * Math.sqrt(trials / (2 * Math.PI * successes * failures))
}

/** ln n! − ln(√(2πn)(n/e)ⁿ): what Stirling's formula leaves out. */
function stirlingError(count: number): number {
  if (count < 16) return logFactorial(count) - (0.5 * Math.log(2 * Math.PI * count) + count * Math.log(count) - count)
  const square = count * count
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / count
}

function logFactorial(count: number): number {
  let product = 1
  for (let factor = 2; factor <= count; factor++) product *= factor
  return Math.log(product)
}

/** observed·ln(observed/expected) + expected − observed, without cancellation when they are close. */
function deviance(observed: number, expected: number): number {
  const difference = observed - expected
  if (Math.abs(difference) >= 0.1 * (observed + expected)) return observed * Math.log(observed / expected) - difference
  const ratio = difference / (observed + expected)
  let sum = difference * ratio
  let term = 2 * observed * ratio
  for (let index = 1; ; index++) {
    term *= ratio * ratio
    const next = sum + term / (2 * index + 1)
    if (next === sum) return sum
    sum = next
  }
}

const mostIterations = 200_000
const tiny = 1e-300

/** The continued fraction of the incomplete beta function I_x(a, b), by Lentz's method. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= mostIterations; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    const change = d * c
    fraction *= change
    if (Math.abs(change - 1) < 1e-15) break
  }
  return fraction
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value
}
