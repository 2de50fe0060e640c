import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadLadder, parseLadder } from '../../slo-specs/schema/ladder.ts'

const text = readFileSync('slo-specs/windows/standard.yaml', 'utf8')

describe('the standard ladder', () => {
  it('is the table of the SRE workbook, with a short window of a twelfth', async () => {
    expect(await loadLadder()).toEqual({
      name: 'standard',
      severities: [
        {
          severity: 'page',
          alertAfterSeconds: 0,
          keepFiringForSeconds: 300,
          minCoverage: 0,
          rungs: [
            { spendPercent: 2, longWindowSeconds: 3600, shortWindowSeconds: 300 },
            { spendPercent: 5, longWindowSeconds: 21_600, shortWindowSeconds: 1800 },
          ],
        },
        {
          severity: 'ticket',
          alertAfterSeconds: 0,
          keepFiringForSeconds: 300,
          minCoverage: 0.5,
          rungs: [
            { spendPercent: 10, longWindowSeconds: 86_400, shortWindowSeconds: 7200 },
            { spendPercent: 10, longWindowSeconds: 259_200, shortWindowSeconds: 21_600 },
          ],
        },
      ],
      evidence: { maxChance: 0.01, minBad: 2 },
      noDataAfterSeconds: 600,
    })
  })

  it.each([
    ['longWindow: 1h', 'longWindow: 1 hour', 'severities.0.conditions.0.longWindow'],
    ['longWindow: 1h', 'longWindow: 7m', 'whole minutes'],
    ['keepFiringFor: 5m', 'keepFiringFor: 0m', 'keepFiringFor'],
    ['spendPercent: 2,', 'spendPercent: 0.5,', 'spendPercent'],
    ['severity: ticket', 'severity: page', 'one entry a severity'],
    ['source: https://', 'source: none ', 'source'],
    ['maxChance: 0.01', 'maxChance: 1.5', 'maxChance'],
    ['noDataAfter: 10m', 'silence: 10m', 'noDataAfter'],
  ])('with %s changed to %s is refused', (from, to, words) => {
    expect(text).toContain(from)
    expect(() => parseLadder(text.replace(from, to), 'standard.yaml')).toThrowError(
      expect.objectContaining({ code: 'SPECS_INVALID', message: expect.stringContaining(words) }),
    )
  })
})
