import { z } from 'zod'
import { parseDurationSeconds } from '../../../lib/durations.ts'
import type { FindingCode } from '../finding-codes.ts'
import type { Ladder, LadderRung, LadderSeverity } from '../ladder.ts'
import { duration, share, text } from './texts.ts'

const condition = z.strictObject({
  spendPercent: z.number().int().min(1).max(100).describe('Percent of the budget spent within the long window'),
  longWindow: duration,
  shortWindow: duration.optional(),
})
const severity = z.strictObject({
  severity: z.enum(['page', 'ticket']),
  alertAfter: duration.optional(),
  keepFiringFor: duration.optional(),
  minCoverage: share.optional(),
  conditions: z.array(condition).min(1, 'has no entry'),
})

export const ladderShape = z
  .strictObject({
    description: text.optional(),
    source: text.optional(),
    shortWindowDivisor: z.number().int().min(2).optional(),
    severities: z.array(severity).min(1, 'has no entry'),
    evidence: z.strictObject({ maxChance: z.number().gt(0).max(1), minBad: z.number().int().min(1) }).optional(),
  })
  .describe('Shares of a budget whose spending within a window tells somebody')

type Written = z.output<typeof ladderShape>
export type LadderProblem = (code: FindingCode, path: readonly (string | number)[], message: string) => void

/**
 * The ladder that is written, with what is left out as the standard one has it. Problems that no shape can tell are handed over with
 * their place; the ladder is usable only when there were none.
 */
export function readLadderShape(name: string, written: Written, standard: Ladder, problem: LadderProblem): Ladder {
  const taken = new Set<string>()
  const severities = written.severities.map((item, index): LadderSeverity => {
    const path = ['severities', index]
    if (taken.has(item.severity)) problem('SPEC_WRONG_VALUE', [...path, 'severity'], `${item.severity} has two entries`)
    taken.add(item.severity)
    const model = standard.severities.find(({ severity: word }) => word === item.severity)
    const minutes = (field: 'alertAfter' | 'keepFiringFor', otherwise: number) =>
      item[field] === undefined ? otherwise : wholeMinutes(item[field], [...path, field], problem)
    return {
      severity: item.severity,
      alertAfterSeconds: minutes('alertAfter', model?.alertAfterSeconds ?? 0),
      keepFiringForSeconds: minutes('keepFiringFor', model?.keepFiringForSeconds ?? 0),
      minCoverage: item.minCoverage ?? model?.minCoverage ?? 0,
      rungs: item.conditions.map((_, at) => readRung(written, index, at, problem)),
    }
  })
  return {
    name,
    severities,
    evidence: written.evidence ?? standard.evidence,
    noDataAfterSeconds: standard.noDataAfterSeconds,
  }
}

function readRung(written: Written, severityIndex: number, index: number, problem: LadderProblem): LadderRung {
  const rung = written.severities[severityIndex]?.conditions[index]
  const path = ['severities', severityIndex, 'conditions', index]
  if (rung === undefined) return { spendPercent: 1, longWindowSeconds: 60, shortWindowSeconds: 60 }
  const longWindowSeconds = wholeMinutes(rung.longWindow, [...path, 'longWindow'], problem)
  const shortWindowSeconds = shortWindow(
    rung.shortWindow,
    written.shortWindowDivisor,
    longWindowSeconds,
    (code, at, message) => problem(code, [...path, ...at], message),
  )
  return { spendPercent: rung.spendPercent, longWindowSeconds, shortWindowSeconds }
}

function shortWindow(
  written: string | undefined,
  divisor: number | undefined,
  longSeconds: number,
  problem: LadderProblem,
): number {
  if (written !== undefined) {
    const seconds = wholeMinutes(written, ['shortWindow'], problem)
    if (seconds >= longSeconds)
      problem('SPEC_SHORT_WINDOW', ['shortWindow'], `the short window ${written} is not shorter than the long one`)
    else if (seconds === 0) problem('SPEC_SHORT_WINDOW', ['shortWindow'], 'the short window is empty')
    return seconds
  }
  if (divisor === undefined) {
    problem('SPEC_MISSING_FIELD', [], 'give shortWindow here, or shortWindowDivisor for all conditions')
    return longSeconds
  }
  const seconds = longSeconds / divisor
  if (seconds % 60 !== 0)
    problem('SPEC_SHORT_WINDOW', ['longWindow'], `the long window divided by ${divisor} is not in whole minutes`)
  return seconds
}

function wholeMinutes(written: string, path: readonly (string | number)[], problem: LadderProblem): number {
  const seconds = parseDurationSeconds(written) ?? 0
  if (seconds % 60 !== 0) problem('SPEC_DURATION', path, `${written} is not in whole minutes`)
  return seconds
}
