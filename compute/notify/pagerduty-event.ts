import { createHash } from 'node:crypto'
import { describeDuration, formatDuration } from '../../lib/durations.ts'
import type { BurningLayer, ConditionEvidence } from '../alerts/episode.ts'
import type { Notice } from '../alerts/notice.ts'

/** Stands where the routing key goes: bodies are journaled before they are sent. */
const maskedKey = '***'

/** Limits of the Events API v2. */
const summaryLength = 1024
const dedupKeyLength = 255
const fieldLength = 1024
const bodyBytes = 512 * 1024
const layersTold = 10

export interface EventLinks {
  /** Base URL of the viewer, whose page of an SLO is `/slos/<name>`. */
  readonly viewerUrl: string
  /** URL of the SLO's dashboard, `{slo}` standing for its name. */
  readonly dashboardUrl?: string
}

const severities = { page: 'critical', ticket: 'warning', 'no-data': 'warning' } as const

/** The body of an Events API v2 request for a notice, the routing key masked. Always within the API's limits. */
export function composeEvent(notice: Notice, links: EventLinks): string {
  const { episode } = notice
  const head = { routing_key: maskedKey, event_action: notice.action, dedup_key: dedupKey(episode.dedupKey) }
  if (notice.action === 'resolve') return JSON.stringify(head)
  const [worst] = episode.burningLayers
  const payload = {
    summary: shorten(summarise(notice), summaryLength),
    source: shorten(episode.service, fieldLength),
    severity: severities[episode.severity],
    timestamp: new Date(episode.firedAtMs ?? notice.createdAtMs).toISOString(),
    component: shorten(worst === undefined ? episode.service : `${worst.layer}=${worst.value}`, fieldLength),
    group: shorten(episode.service, fieldLength),
    class: episode.severity === 'no-data' ? 'slo no data' : 'slo burn rate',
  }
  const event = {
    ...head,
    client: 'Ninefold',
    client_url: sloPage(links, episode.slo),
    payload: { ...payload, custom_details: details(notice) },
    links: linksOf(notice, links),
  }
  const body = JSON.stringify(event)
  // Texts from specs have no limit of their own; what must arrive is the summary.
  return Buffer.byteLength(body) <= bodyBytes ? body : JSON.stringify({ ...head, payload })
}

/** What burns, how fast, where, since which deployment. */
function summarise(notice: Notice): string {
  const { episode } = notice
  const name = notice.sloDisplayName === '' ? episode.slo : notice.sloDisplayName
  if (episode.severity === 'no-data') return `${name} (${episode.service}): no data any more`
  const worst = worstEvidence(episode.evidence)
  const parts = [`${name} (${episode.service}) burns its error budget`]
  if (worst !== undefined) parts[0] += ` ${number(worst.longBurnRate)} times too fast over ${window(worst)}`
  if (worst !== undefined && worst.longValid > 0n)
    parts.push(`${worst.longValid - worst.longGood} of ${worst.longValid} events bad`)
  const [layer] = episode.burningLayers
  if (layer !== undefined) parts.push(`${percent(layer.shareOfBad)} of them in ${layer.layer} ${layer.value}`)
  if (episode.suspectVersion !== null) parts.push(`since version ${episode.suspectVersion}`)
  if (notice.budgetRemainingRatio !== null) parts.push(budgetText(notice.budgetRemainingRatio, notice.windowText))
  return parts.join(', ')
}

function worstEvidence(evidence: readonly ConditionEvidence[]): ConditionEvidence | undefined {
  return [...evidence].sort((a, b) => (b.longBurnRate ?? 0) - (a.longBurnRate ?? 0))[0]
}

const window = (evidence: ConditionEvidence) => describeDuration(evidence.longWindowSeconds)

/** Burn rates are told rounded up, budgets and shares down: never better than they are. */
function number(rate: number | null): string {
  return rate === null ? '?' : `${Math.ceil(rate * 10) / 10}`
}

function budgetText(remainingRatio: number, windowText: string): string {
  if (remainingRatio >= 0) return `${percent(remainingRatio)} of the ${windowText} budget left`
  return `the ${windowText} budget overspent by ${Math.ceil(-remainingRatio * 1000) / 10} %`
}

function percent(ratio: number): string {
  return `${Math.floor(ratio * 1000) / 10} %`
}

function details(notice: Notice): Record<string, unknown> {
  const { episode } = notice
  return {
    slo: episode.slo,
    service: episode.service,
    severity: episode.severity,
    objective: notice.objectiveText,
    window: notice.windowText,
    sli: notice.sli,
    budget_remaining_ratio: notice.budgetRemainingRatio,
    burn_rates: episode.evidence.map(evidence => ({
      condition: evidence.condition,
      threshold: evidence.threshold,
      long_window: formatDuration(evidence.longWindowSeconds),
      long_burn_rate: evidence.longBurnRate,
      short_window: evidence.shortWindowSeconds === null ? null : formatDuration(evidence.shortWindowSeconds),
      short_burn_rate: evidence.shortBurnRate,
      good: integer(evidence.longGood),
      valid: integer(evidence.longValid),
    })),
    burning_layers: episode.burningLayers.slice(0, layersTold).map(describeLayer),
    suspect_version: episode.suspectVersion,
    fired_at: episode.firedAtMs === null ? null : new Date(episode.firedAtMs).toISOString(),
    runbook: notice.runbook === '' ? null : notice.runbook,
  }
}

function describeLayer(layer: BurningLayer) {
  return {
    layer: layer.layer,
    value: layer.value,
    bad: integer(layer.bad),
    valid: integer(layer.valid),
    share_of_bad: layer.shareOfBad,
  }
}

/** JSON has no integers beyond 2^53: such counts go as text rather than rounded. */
function integer(count: bigint): number | string {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : count.toString()
}

function linksOf(notice: Notice, links: EventLinks) {
  const { slo } = notice.episode
  const all = [{ href: sloPage(links, slo), text: 'SLO in Ninefold' }]
  if (links.dashboardUrl !== undefined)
    all.push({ href: links.dashboardUrl.replaceAll('{slo}', encodeURIComponent(slo)), text: 'Dashboard' })
  if (/^https?:\/\//.test(notice.runbook)) all.push({ href: notice.runbook, text: 'Runbook' })
  return all
}

function sloPage({ viewerUrl }: EventLinks, slo: string): string {
  return `${viewerUrl.replace(/\/$/, '')}/slos/${encodeURIComponent(slo)}`
}

/** Too long a key is cut and told apart by its hash; trigger and resolve cut it alike. */
function dedupKey(key: string): string {
  if (key.length <= dedupKeyLength) return key
  const hash = createHash('sha256').update(key).digest('hex')
  return `${key.slice(0, dedupKeyLength - hash.length - 1)}-${hash}`
}

function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
