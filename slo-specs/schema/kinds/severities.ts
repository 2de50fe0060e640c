import type { Report } from '../findings.ts'
import type { Ladder, LadderSeverity } from '../ladder.ts'
import { suggestion } from '../nearest-name.ts'
import type { YamlValue } from '../yaml-value.ts'

/** OpenSLO leaves severities to everybody; Ninefold knows two. Words that others use for them, small. */
const synonyms: Readonly<Record<LadderSeverity['severity'], readonly string[]>> = {
  page: ['page', 'critical', 'urgent', 'high', 'sev0', 'sev1', 'p0', 'p1'],
  ticket: [
    'ticket',
    'warning',
    'warn',
    'medium',
    'low',
    'info',
    'sev2',
    'sev3',
    'sev4',
    'sev5',
    'p2',
    'p3',
    'p4',
    'p5',
  ],
}

/**
 * What a ladder says of the severity that is written. A word of nobody's is read as a ticket, with a warning; one that is nearly `page` or
 * `ticket` is a mistake: undefined after reporting it.
 */
export function readSeverity(
  written: string,
  at: YamlValue,
  { report, standard }: { readonly report: Report; readonly standard: Ladder },
): LadderSeverity | undefined {
  const of = (name: string) => standard.severities.find(({ severity }) => severity === name)
  const word = written.toLowerCase()
  for (const [name, words] of Object.entries(synonyms)) if (words.includes(word)) return of(name)
  const own = Object.keys(synonyms)
  const meant = suggestion(word, own)
  if (meant !== '') {
    report('SPEC_WRONG_VALUE', at.position, `severity is one of ${own.join(', ')}${meant}`)
    return undefined
  }
  report('SPEC_SEVERITY', at.position, `the severity ${written.slice(0, 80)} is read as ticket`)
  return of('ticket')
}
