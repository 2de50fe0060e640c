import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import type { AlertEpisode } from './episode.ts'

const count = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt)
const time = z.number().int().nullable()

const evidenceSchema = z.strictObject({
  condition: z.string(),
  threshold: z.number(),
  longWindowSeconds: z.number(),
  longBurnRate: z.number().nullable(),
  longGood: count,
  longValid: count,
  shortWindowSeconds: z.number().nullable(),
  shortBurnRate: z.number().nullable(),
})

const layerSchema = z.strictObject({
  layer: z.string(),
  value: z.string(),
  bad: count,
  valid: count,
  shareOfBad: z.number(),
})

const episodeSchema = z.strictObject({
  slo: z.string(),
  service: z.string(),
  severity: z.enum(['page', 'ticket', 'no-data']),
  state: z.enum(['inactive', 'pending', 'firing', 'resolved']),
  dedupKey: z.string(),
  pendingSinceMs: time,
  firedAtMs: time,
  resolvedAtMs: time,
  quietSinceMs: time,
  frozen: z.boolean(),
  evidence: z.array(evidenceSchema),
  budgetRemainingRatio: z.number().nullable(),
  burningLayers: z.array(layerSchema),
  suspectVersion: z.string().nullable(),
  inhibited: z.boolean(),
})

/** An episode as JSON text; counts become decimal strings, because JSON numbers would round them. */
export function serializeEpisode(episode: AlertEpisode): string {
  return JSON.stringify(episode, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))
}

/**
 * The episode that `serializeEpisode` wrote.
 * @throws STORE_ROW_SHAPE when the text is not one.
 */
export function parseEpisode(text: string): AlertEpisode {
  try {
    return episodeSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new NinefoldError('STORE_ROW_SHAPE', 'a stored alert episode cannot be read', { cause: error })
  }
}
