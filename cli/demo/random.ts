/** Numbers that look random and are the same for the same seed, on every machine. */
export interface Random {
  /** 32 bits, unsigned. */
  bits(): number
  /** In [0, 1). */
  fraction(): number
  /** Log-normal around `median`, as latencies are; `spread` is the standard deviation of the logarithm. */
  around(median: number, spread: number): number
}

/** Marsaglia's xorshift with 128 bits of state (Journal of Statistical Software 8/14, 2003), seeded from whole numbers. */
export function createRandom(...seed: readonly number[]): Random {
  let state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef] as [number, number, number, number]
  const bits = () => {
    const [x, y, z, w] = state
    const mixed = x ^ (x << 11)
    const next = (w ^ (w >>> 19) ^ (mixed ^ (mixed >>> 8))) >>> 0
    state = [y, z, w, next]
    return next
  }
  for (const part of seed) {
    state[0] ^= part >>> 0
    state[2] ^= Math.floor(part / 2 ** 32) >>> 0
    // Seeds that differ in a bit need some rounds until the numbers differ in all.
    for (let round = 0; round < 16; round++) bits()
  }
  const fraction = () => bits() / 2 ** 32
  return {
    bits,
    fraction,
    around: (median, spread) => {
      const radius = Math.sqrt(-2 * Math.log(1 - fraction()))
      return median * Math.exp(spread * radius * Math.cos(2 * Math.PI * fraction()))
    },
  }
}
