import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, type Observation, type Transition } from '../../../compute/alerts/advance.ts'
import type { ConditionResult } from '../../../compute/alerts/conditions.ts'
import type { AlertEpisode } from '../../../compute/alerts/episode.ts'
import type { AlertRule } from '../../../slo-specs/schema/model.ts'

const minute = 60_000
const start = Date.parse('2026-11-23T10:00:00Z')
const rule: Pick<AlertRule, 'severity' | 'alertAfterSeconds' | 'keepFiringForSeconds'> = {
  severity: 'page',
  alertAfterSeconds: 120,
  keepFiringForSeconds: 300,
}

/** What a condition may look like: holding, quiet, short window still above, nothing known. */
type Look = 'holds' | 'quiet' | 'short-only' | 'no-data' | 'no-evidence'

function condition(look: Look, name = 'page-1h'): ConditionResult {
  const verdict = {
    holds: 'holds',
    quiet: 'below',
    'short-only': 'below',
    'no-data': 'no-data',
    'no-evidence': 'too-little-evidence',
  } as const
  return {
    condition: name,
    verdict: verdict[look],
    burns: look === 'holds' || look === 'no-evidence',
    shortPasses: look === 'no-data' ? null : look !== 'quiet',
    evidence: {
      condition: name,
      threshold: 14.4,
      longWindowSeconds: 3600,
      longBurnRate: look === 'no-data' ? null : 20,
      longGood: 2n ** 60n,
      longValid: 2n ** 60n + 7n,
      shortWindowSeconds: 300,
      shortBurnRate: 21,
    },
  }
}

function seen(looks: Look | ConditionResult[], silent = false): Observation {
  const conditions = typeof looks === 'string' ? [condition(looks)] : looks
  return { slo: 'checkout', service: 'shop', conditions, budgetRemainingRatio: 0.4, silent }
}

/** Steps through one observation a minute; what happened in each. */
function run(looks: readonly (Look | Observation)[], before: AlertEpisode | null = null, options = rule) {
  let episode = before
  const happened: Transition[][] = []
  looks.forEach((look, index) => {
    const step = advance(episode, typeof look === 'string' ? seen(look) : look, options, start + index * minute)
    episode = step.episode
    happened.push([...step.transitions])
  })
  return { episode, happened }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const firing = () => {
  const { episode } = run(times(3, 'holds' as const))
  if (episode?.state !== 'firing') throw new Error('not firing')
  return episode
}

describe('an alert', () => {
  it('is pending for alertAfter, fires, and resolves when its short window was below for keepFiringFor', () => {
    const { episode, happened } = run([...times(4, 'holds' as const), ...times(6, 'quiet' as const)])
    expect(happened).toEqual([['pending'], [], ['fired'], [], [], [], [], [], [], ['resolved']])
    expect(episode).toMatchObject({
      state: 'resolved',
      dedupKey: 'checkout/page/2026-11-23T10:02Z',
      pendingSinceMs: start,
      firedAtMs: start + 2 * minute,
      quietSinceMs: start + 4 * minute,
      resolvedAtMs: start + 9 * minute,
      budgetRemainingRatio: 0.4,
      evidence: [condition('holds').evidence],
    })
  })

  it('fires at once when nothing says to wait', () => {
    const { happened } = run(['holds'], null, { ...rule, alertAfterSeconds: 0 })
    expect(happened).toEqual([['pending', 'fired']])
  })

  it('that stops holding while pending is cancelled and was never there', () => {
    expect(run(['holds', 'quiet', 'quiet'])).toEqual({ episode: null, happened: [['pending'], ['cancelled'], []] })
    expect(run(['holds', 'no-data']).episode).toBeNull()
    expect(run(['no-evidence', 'no-data', 'quiet'])).toEqual({ episode: null, happened: [[], [], []] })
  })

  it('keeps the numbers and the key it fired with, whatever is seen later', () => {
    const fired = firing()
    const worse = { ...seen('holds'), budgetRemainingRatio: -3 }
    const { episode } = advance(fired, worse, rule, start + 20 * minute)
    expect(episode).toEqual(fired)
  })

  it('goes on while only the short window is above its factor', () => {
    const { episode } = run(times(60, 'short-only' as const), firing())
    expect(episode).toMatchObject({ state: 'firing', quietSinceMs: null })
  })

  it('starts the quiet time over when it burns again', () => {
    const { happened } = run(
      [...times(4, 'quiet' as const), 'short-only', ...times(5, 'quiet' as const), 'quiet'],
      firing(),
    )
    expect(happened.flat()).toEqual(['resolved'])
    expect(happened.at(-1)).toEqual(['resolved'])
  })

  it('waits only for the short windows of what it fired with, and for other conditions only while they burn', () => {
    const fired = firing()
    const others = (look: Look) => times(6, seen([condition('quiet'), condition(look, 'page-6h')]))
    expect(run(others('short-only'), fired).episode?.state).toBe('resolved')
    expect(run(others('no-data'), fired).episode?.state).toBe('resolved')
    expect(run(others('holds'), fired).episode?.state).toBe('firing')
  })

  it('is judged by the conditions there are when its own are gone from the specs', () => {
    const changed = times(6, seen([condition('quiet', 'renamed')]))
    expect(run(changed, firing()).episode?.state).toBe('resolved')
    expect(run(times(6, seen([])), firing()).episode?.state).toBe('resolved')
  })

  it('is over for good: the next one has a key of its own', () => {
    const { episode } = run(times(7, 'quiet' as const), firing())
    const again = run(times(20, 'quiet' as const), episode)
    expect(again.happened.flat()).toEqual([])
    const later = advance(episode, seen('holds'), { ...rule, alertAfterSeconds: 0 }, start + 60 * minute)
    expect(later.episode?.dedupKey).toBe('checkout/page/2026-11-23T11:00Z')
    expect(later.episode?.quietSinceMs).toBeNull()
  })
})

describe('without data', () => {
  it('a firing alert is frozen: neither resolved nor renewed however long it lasts', () => {
    const { episode, happened } = run(times(500, 'no-data' as const), firing())
    expect(happened.flat()).toEqual(['frozen'])
    expect(episode).toMatchObject({ state: 'firing', frozen: true })
  })

  it('thaws when data returns, and resolves only after it was quiet for keepFiringFor', () => {
    const silence = times(60, seen('no-data', true))
    const { happened } = run(['quiet', ...silence, ...times(6, 'quiet' as const)], firing())
    expect(happened.flat()).toEqual(['frozen', 'thawed', 'resolved'])
    expect(happened.findIndex(list => list.includes('resolved'))).toBe(66)
  })

  it('on low traffic the pauses between two requests do not undo quiet time', () => {
    const { happened } = run(['quiet', 'no-data', 'no-data', 'quiet', 'no-data', 'no-data', 'quiet'], firing())
    expect(happened.at(-1)).toEqual(['thawed', 'resolved'])
  })
})

describe('whatever happens', () => {
  const looks = fc.array(fc.constantFrom<Look>('holds', 'quiet', 'short-only', 'no-data', 'no-evidence'), {
    minLength: 1,
    maxLength: 120,
  })
  const rules = fc.record({
    severity: fc.constantFrom('page' as const, 'ticket' as const),
    alertAfterSeconds: fc.constantFrom(0, 60, 300),
    keepFiringForSeconds: fc.constantFrom(60, 300, 600),
  })

  it('an episode is plain data: a copy of it between any two steps changes nothing', () => {
    fc.assert(
      fc.property(looks, rules, (sequence, anyRule) => {
        let kept: AlertEpisode | null = null
        let restored: AlertEpisode | null = null
        sequence.forEach((look, index) => {
          const nowMs = start + index * minute
          const one = advance(kept, seen(look), anyRule, nowMs)
          const two = advance(structuredClone(restored), seen(look), anyRule, nowMs)
          expect(two).toEqual(one)
          kept = one.episode
          restored = two.episode
        })
      }),
    )
  })

  it('transitions come in order: pending, then cancelled or fired, then resolved, and never two fires in one episode', () => {
    fc.assert(
      fc.property(looks, rules, (sequence, anyRule) => {
        let state: 'none' | 'pending' | 'firing' = 'none'
        for (const transition of run(sequence, null, anyRule).happened.flat()) {
          if (transition === 'frozen' || transition === 'thawed') {
            expect(state).toBe('firing')
            continue
          }
          const from = { pending: 'none', cancelled: 'pending', fired: 'pending', resolved: 'firing' } as const
          expect(state).toBe(from[transition])
          state = ({ pending: 'pending', cancelled: 'none', fired: 'firing', resolved: 'none' } as const)[transition]
        }
      }),
    )
  })

  it('it does not flap: between a fire and its resolve lie at least keepFiringFor, and no key is used twice', () => {
    fc.assert(
      fc.property(looks, rules, (sequence, anyRule) => {
        const keys: string[] = []
        let episode: AlertEpisode | null = null
        sequence.forEach((look, index) => {
          const step: { episode: AlertEpisode | null; transitions: readonly Transition[] } = advance(
            episode,
            seen(look),
            anyRule,
            start + index * minute,
          )
          episode = step.episode
          if (step.transitions.includes('fired')) keys.push(step.episode?.dedupKey ?? '')
          if (step.transitions.includes('resolved')) {
            const { firedAtMs, resolvedAtMs } = step.episode ?? { firedAtMs: null, resolvedAtMs: null }
            expect((resolvedAtMs ?? 0) - (firedAtMs ?? 0)).toBeGreaterThanOrEqual(anyRule.keepFiringForSeconds * 1000)
          }
        })
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })

  it('stepping more often than the world changes finds the same fires and resolves at the same times', () => {
    const extra = fc.array(fc.integer({ min: 1, max: 59_999 }), { maxLength: 3 })
    fc.assert(
      fc.property(looks, rules, extra, (sequence, anyRule, between) => {
        const story = (offsets: readonly number[]) => {
          const told: string[] = []
          let episode: AlertEpisode | null = null
          sequence.forEach((look, index) => {
            for (const offset of [0, ...[...offsets].sort((a, b) => a - b)]) {
              const nowMs = start + index * minute + offset
              const step: { episode: AlertEpisode | null; transitions: readonly Transition[] } = advance(
                episode,
                seen(look),
                anyRule,
                nowMs,
              )
              episode = step.episode
              for (const transition of step.transitions) told.push(`${transition} ${new Date(nowMs).toISOString()}`)
            }
          })
          return told
        }
        expect(story(between)).toEqual(story([]))
      }),
    )
  })
})
