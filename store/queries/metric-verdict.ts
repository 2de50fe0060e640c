import { asksValue, surely } from './bucket-filter.ts'
import type { BucketFilter, EventFilter, Verdict } from './event-filter.ts'
import type { EventSource } from './event-sources.ts'
import { compileFilter } from './filter-sql.ts'
import { PlaceholderList } from './placeholders.ts'

/** What an SLO asks of the points of metrics, as SQL with the placeholders of `list`. */
export interface MetricVerdict {
  readonly list: PlaceholderList
  /** Points that count as valid. */
  readonly total: string
  /** Points that are read: those of total, and those of good or bad when these are another metric. */
  readonly read: string
  /** Good (`isApart`: of the other metric), for a point that has one value or none. */
  readonly exact: string
  /** Surely and possibly good, for a bucket of a histogram. */
  readonly sure: string
  readonly possible: string
  /** Measured values are judged; otherwise only how many there were. */
  readonly asksValue: boolean
  /** `good`: the other metric counts good events; `bad`: bad ones. Absent when good events are among the valid ones. */
  readonly apart?: 'good' | 'bad'
  /** Values are ready-made shares of good (or bad) events, and nothing is asked of them. */
  readonly shareOf?: 'good' | 'bad'
}

const never: EventFilter = { op: 'literal', value: { type: 'boolean', value: false } }

export function compileMetricVerdict(verdict: Verdict, source: EventSource): MetricVerdict {
  const list = new PlaceholderList()
  const sql = (filter: BucketFilter) => compileFilter(filter, source, list)
  const total = sql(verdict.total)
  if (verdict.isApart === true) {
    const part = sql(verdict.good ?? verdict.bad ?? never)
    const apart = verdict.good === undefined ? 'bad' : 'good'
    return {
      list,
      total,
      read: `(${total} OR ${part})`,
      exact: part,
      sure: part,
      possible: part,
      asksValue: false,
      apart,
    }
  }
  const good: EventFilter = verdict.good ?? { op: 'not', operand: verdict.bad ?? never }
  return {
    list,
    total,
    read: total,
    exact: sql(good),
    sure: sql(surely(good)),
    possible: sql({ op: 'not', operand: surely(good, true) }),
    asksValue: asksValue(good),
    ...(verdict.shareOf === undefined ? {} : { shareOf: verdict.shareOf }),
  }
}
