import { type RoleName, roleNames } from '../../../cli/instance/role-names.ts'
import type { DemoRows } from './demo-rows.ts'
import type { LogTally, Repeat } from './log-tally.ts'

export interface Kill {
  readonly role: RoleName
  readonly atMs: number
}

/** Spans and log records of the shop. */
interface Events {
  readonly spans: number
  readonly logs: number
}

export interface DemoOutcome {
  readonly kills: Readonly<Record<RoleName, number>>
  readonly acknowledged: Events
  /** By an exporter that had no answer for ten seconds; may be stored all the same. */
  readonly givenUp: Events
  /** On the log a second time, by an exporter whose ingest was killed before it answered: a row once all the same. */
  readonly sentAgain: Events
  /** Acknowledged, and not a row. */
  readonly lost: Events
  /** Rows beyond one. */
  readonly doubled: Events
  readonly past: Events
  /** Dedup keys that the receiver had. */
  readonly incidents: readonly string[]
  readonly repeatedPages: number
  readonly recoverySeconds: number
  /** Everything that differs, a sentence each. */
  readonly wrong: readonly string[]
}

/** What the demo said at its end, and of the past when it had filled it. */
export interface ClosingLines {
  readonly acknowledged: Events
  readonly givenUp: Events
  readonly past: Events
  readonly incidents: readonly { readonly key: string; readonly told: number }[]
  readonly refusals: readonly string[]
}

/** @throws when it did not say it. */
export function readClosingLines(said: string): ClosingLines {
  const past = /The past is filled: (\d+) spans, (\d+) log records/.exec(said)
  const closing = /The shop's (\d+) spans and (\d+) log records were acknowledged; (\d+) and (\d+) were given up/.exec(
    said,
  )
  if (past === null || closing === null) throw new Error(`the demo did not say what it had sent: ${said}`)
  const events = (found: RegExpExecArray, at: number) => ({ spans: Number(found[at]), logs: Number(found[at + 1]) })
  const incidents = said.matchAll(/PagerDuty had the incident (\S+) \(\w+(?:, told (\d+) times)?\)/g)
  return {
    acknowledged: events(closing, 1),
    givenUp: events(closing, 3),
    past: events(past, 1),
    incidents: [...incidents].map(([, key = '', told = '1']) => ({ key, told: Number(told) })),
    refusals: [...said.matchAll(/PagerDuty refused an event: .*/g)].map(([line]) => line),
  }
}

export interface Seen {
  readonly kills: readonly Kill[]
  readonly rows: DemoRows
  /** When the rows were counted. */
  readonly onLog: { readonly spans: ReadonlyMap<string, number>; readonly logs: number }
  /** When all had ended. */
  readonly log: LogTally
  readonly closed: ClosingLines
  readonly wrongSlos: readonly string[]
  readonly isPageDue: boolean
  readonly recoverySeconds: number
}

const storyPage = 'checkout-availability/page'

export function compare(seen: Seen): DemoOutcome {
  const { kills, rows, closed, wrongSlos, isPageDue, recoverySeconds } = seen
  const { acknowledged, givenUp, past } = closed
  const sent = { spans: seen.log.spans.size, logs: seen.log.logs() }
  const sentAgain = eventsOf(seen.log.repeats)
  const lost = countLost(seen, sent)
  const doubled = countDoubled(seen)
  const keys = closed.incidents.map(({ key }) => key)
  const beyond = (signal: 'spans' | 'logs') => sent[signal] - acknowledged[signal] - givenUp[signal]
  return {
    kills: Object.fromEntries(
      roleNames.map(role => [role, kills.filter(kill => kill.role === role).length]),
    ) as DemoOutcome['kills'],
    acknowledged,
    givenUp,
    sentAgain,
    lost,
    doubled,
    past: { spans: rows.pastSpans, logs: rows.pastLogs },
    incidents: keys,
    repeatedPages: sum(closed.incidents, ({ told: times }) => times - 1),
    recoverySeconds,
    wrong: [
      ...wrongSlos,
      ...told(lost, 'lost'),
      ...told(doubled, 'doubled'),
      ...told({ spans: beyond('spans'), logs: beyond('logs') }, 'stored and neither acknowledged nor given up'),
      ...told({ spans: past.spans - rows.pastSpans, logs: past.logs - rows.pastLogs }, 'of the past not stored'),
      ...told({ spans: rows.pastSpans - past.spans, logs: rows.pastLogs - past.logs }, 'of the past doubled'),
      ...(rows.deadLetters === 0 ? [] : [`${rows.deadLetters} dead letters`]),
      ...wrongIncidents(keys, isPageDue),
      ...closed.refusals,
    ],
  }
}

/** Acknowledged and not on the log, or on the log and not a row. */
function countLost({ rows, onLog, closed }: Seen, sent: Events): Events {
  const times = [...onLog.spans].map(([id, taken]) => taken - (rows.spans.get(id) ?? 0))
  return {
    spans: positive(closed.acknowledged.spans - sent.spans) + sum(times, positive),
    logs: positive(closed.acknowledged.logs - sent.logs) + positive(onLog.logs - rows.logs),
  }
}

/** More than one row, or in more than one record of different bytes. */
function countDoubled({ rows, onLog, log }: Seen): Events {
  const times = [...rows.spans].map(([id, stored]) => stored - (onLog.spans.get(id) ?? 0))
  return {
    spans: sum(times, positive) + sum([...log.spans.values()], taken => taken - 1),
    logs: positive(rows.logs - onLog.logs),
  }
}

const positive = (value: number) => Math.max(0, value)

function eventsOf(repeats: readonly Repeat[]): Events {
  const of = (signal: Repeat['signal']) =>
    sum(
      repeats.filter(repeat => repeat.signal === signal),
      ({ events }) => events,
    )
  return { spans: of('spans'), logs: of('logs') }
}

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)

const told = ({ spans, logs }: Events, what: string) =>
  spans <= 0 && logs <= 0 ? [] : [`${positive(spans)} spans and ${positive(logs)} log records ${what}`]

/** An episode is one incident, and no SLO can have had a second one within minutes. */
function wrongIncidents(keys: readonly string[], isPageDue: boolean): string[] {
  const bySlo = Map.groupBy(keys, key => key.split('/').slice(0, 2).join('/'))
  const several = [...bySlo].filter(([, of]) => of.length > 1).map(([slo, of]) => `${of.length} incidents of ${slo}`)
  return isPageDue && !bySlo.has(storyPage) ? [...several, `no incident of ${storyPage}`] : several
}
