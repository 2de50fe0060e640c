import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlertEpisode } from '../../../compute/alerts/episode.ts'
import { parseEpisode, serializeEpisode } from '../../../compute/alerts/episode-text.ts'

const count = fc.bigInt(0n, 2n ** 64n - 1n)
const time = fc.option(fc.integer({ min: 0, max: 8.64e15 }))
// JSON knows no −0; no rate of ours is one.
const rate = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0))

const episodes: fc.Arbitrary<AlertEpisode> = fc.record({
  slo: fc.string(),
  service: fc.string(),
  severity: fc.constantFrom('page', 'ticket', 'no-data'),
  state: fc.constantFrom('inactive', 'pending', 'firing', 'resolved'),
  dedupKey: fc.string(),
  pendingSinceMs: time,
  firedAtMs: time,
  resolvedAtMs: time,
  quietSinceMs: time,
  frozen: fc.boolean(),
  evidence: fc.array(
    fc.record({
      condition: fc.string(),
      threshold: fc.constantFrom(14.4, 6),
      longWindowSeconds: fc.nat(),
      longBurnRate: rate,
      longGood: count,
      longValid: count,
      shortWindowSeconds: fc.option(fc.nat()),
      shortBurnRate: rate,
    }),
    { maxLength: 3 },
  ),
  budgetRemainingRatio: rate,
  burningLayers: fc.array(
    fc.record({ layer: fc.string(), value: fc.string(), bad: count, valid: count, shareOfBad: fc.constant(0.5) }),
    { maxLength: 3 },
  ),
  suspectVersion: fc.option(fc.string()),
  inhibited: fc.boolean(),
})

describe('the text of an episode', () => {
  it('reads back as the same episode, counts to the last digit', () => {
    fc.assert(
      fc.property(episodes, episode => {
        expect(parseEpisode(serializeEpisode(episode))).toEqual(episode)
      }),
    )
  })

  it.each(['', '{}', 'null', '{"slo": 1}'])('%j is none', text => {
    expect(() => parseEpisode(text)).toThrowError(expect.objectContaining({ code: 'STORE_ROW_SHAPE' }))
  })
})
