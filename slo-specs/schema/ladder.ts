import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseDurationSeconds } from '../../lib/durations.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { EvidenceRule } from './model.ts'

/** A set of burn-rate conditions that is the same for every SLO: shares of the budget, not factors. */
export interface Ladder {
  readonly name: string
  readonly severities: readonly LadderSeverity[]
  readonly evidence: EvidenceRule
  readonly noDataAfterSeconds: number
}

export interface LadderSeverity {
  readonly severity: 'page' | 'ticket'
  readonly alertAfterSeconds: number
  readonly keepFiringForSeconds: number
  readonly minCoverage: number
  readonly rungs: readonly LadderRung[]
}

export interface LadderRung {
  /** Percent of the budget whose spending within the long window makes the condition. */
  readonly spendPercent: number
  readonly longWindowSeconds: number
  readonly shortWindowSeconds: number
}

const seconds = z.string().transform((text, context) => {
  const value = parseDurationSeconds(text)
  if (value === undefined || value % 60 !== 0) context.addIssue('a duration of whole minutes, e.g. 5m')
  return value ?? 0
})

const ladderSchema = z
  .strictObject({
    name: z.string().min(1),
    source: z.url(),
    shortWindowDivisor: z.number().int().min(2),
    severities: z
      .array(
        z.strictObject({
          severity: z.enum(['page', 'ticket']),
          alertAfter: seconds,
          keepFiringFor: seconds.refine(value => value > 0, 'at least one minute, so that an alert does not flap'),
          minCoverage: z.number().min(0).max(1),
          conditions: z
            .array(
              z.strictObject({
                spendPercent: z.number().int().min(1).max(100),
                longWindow: seconds.refine(v => v > 0),
              }),
            )
            .min(1),
        }),
      )
      .min(1)
      .refine(list => new Set(list.map(({ severity }) => severity)).size === list.length, 'one entry a severity'),
    evidence: z.strictObject({ maxChance: z.number().gt(0).max(1), minBad: z.number().int().min(1) }),
    noDataAfter: seconds,
  })
  .transform((ladder, context): Ladder => {
    const severities = ladder.severities.map(({ conditions, alertAfter, keepFiringFor, severity, minCoverage }) => ({
      severity,
      alertAfterSeconds: alertAfter,
      keepFiringForSeconds: keepFiringFor,
      minCoverage,
      rungs: conditions.map(({ spendPercent, longWindow }) => {
        const shortWindowSeconds = longWindow / ladder.shortWindowDivisor
        if (shortWindowSeconds % 60 !== 0) context.addIssue('longWindow ÷ shortWindowDivisor must be whole minutes')
        return { spendPercent, longWindowSeconds: longWindow, shortWindowSeconds }
      }),
    }))
    return { name: ladder.name, severities, evidence: ladder.evidence, noDataAfterSeconds: ladder.noDataAfter }
  })

/**
 * Reads a ladder file's text.
 * @throws SPECS_INVALID with every problem; ladders ship with Ninefold, so this is not somebody's spec but a broken install.
 */
export function parseLadder(text: string, file: string): Ladder {
  const parsed = ladderSchema.safeParse(parse(text))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new NinefoldError('SPECS_INVALID', `the burn-rate ladder ${file} is not valid: ${problems.join('; ')}`)
}

/** The ladder of slo-specs/windows by its name; `standard` is the one an SLO without alert policies gets. */
export async function loadLadder(name = 'standard'): Promise<Ladder> {
  const file = fileURLToPath(new URL(`../windows/${name}.yaml`, import.meta.url))
  return parseLadder(await readFile(file, 'utf8'), `slo-specs/windows/${name}.yaml`)
}
