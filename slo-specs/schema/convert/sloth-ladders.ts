import { formatDuration } from '../../../lib/durations.ts'
import type { Ladder } from '../ladder.ts'
import type { PlainDefinition } from './conversion.ts'

/** Who hears of an SLO in Sloth: its two alerts can be left out one by one. */
export interface SlothAlerts {
  readonly page: boolean
  readonly ticket: boolean
}

/** The policy of SLOs with one of the two alerts; both is what an SLO without policies has, and none an empty list. */
export function policyName({ page, ticket }: SlothAlerts): string | undefined {
  return page === ticket ? undefined : page ? 'page-only' : 'ticket-only'
}

/** The policy and its ladder: the standard one, which is Sloth's, with one severity. */
export function policyDefinitions(alerts: SlothAlerts, standard: Ladder): PlainDefinition[] {
  const name = policyName(alerts)
  const severity = standard.severities.find(each => each.severity === (alerts.page ? 'page' : 'ticket'))
  if (name === undefined || severity === undefined) return []
  const conditions = severity.rungs.map(({ spendPercent, longWindowSeconds, shortWindowSeconds }) => ({
    spendPercent,
    longWindow: formatDuration(longWindowSeconds),
    shortWindow: formatDuration(shortWindowSeconds),
  }))
  return [
    {
      apiVersion: 'ninefold.dev/v1',
      kind: 'BurnLadder',
      metadata: { name },
      spec: { severities: [{ severity: severity.severity, conditions }] },
    },
    {
      apiVersion: 'openslo/v1',
      kind: 'AlertPolicy',
      metadata: { name, annotations: { 'ninefold.dev/ladder': name } },
      spec: {},
    },
  ]
}
