import type { PeriodReply } from '../api/schemas/period-replies.ts'

const columns = [
  ...[
    'record',
    'period',
    'time_zone',
    'from',
    'to',
    'specs_revision',
    'slo',
    'service',
    'revision',
    'objective',
    'good',
    'valid',
  ],
  ...[
    'sli',
    'coverage',
    'data_from',
    'data_to',
    'retained',
    'kept',
    'budget_allowed',
    'budget_consumed',
    'budget_remaining_ratio',
    'good_before',
  ],
  ...[
    'valid_before',
    'sli_before',
    'duration_seconds',
    'budget_share',
    'version',
    'paged',
    'source',
    'author',
    'commit',
  ],
  ...['message', 'change', 'field', 'before', 'after', 'correction', 'leaves_out', 'reason', 'approver'],
] as const

type Row = Readonly<Partial<Record<(typeof columns)[number], string | number | boolean | null>>>

/**
 * One table for an auditor, unrounded (RFC 4180): a line a promise, an incident, a time that is left out and a changed field; `record` says which. Times are in UTC;
 * `from` and `to` are what was counted, when somebody was paged until it was over, or when a revision came into force.
 */
export function periodCsv(report: PeriodReply): string[] {
  const of = { period: report.period, time_zone: report.timeZone, specs_revision: report.revision }
  const rows = [...promises(report), ...incidents(report), ...corrections(report), ...revisions(report)].map(row => ({
    ...of,
    ...row,
  }))
  return [columns.join(','), ...rows.map((row: Row) => columns.map(name => csvCell(row[name])).join(','))]
}

const promises = ({ slos, from, until }: PeriodReply): Row[] =>
  slos.map(
    ({
      name,
      service,
      revision,
      objectiveText,
      good,
      valid,
      sli,
      coverage,
      data,
      retained,
      kept,
      errorBudget,
      before,
    }) => ({
      ...{
        record: 'promise',
        from,
        to: until,
        slo: name,
        service,
        revision,
        objective: objectiveText,
        good,
        valid,
        sli,
      },
      ...{
        coverage,
        data_from: data?.from ?? null,
        data_to: data?.to ?? null,
        retained,
        kept,
        budget_allowed: errorBudget.allowed,
        budget_consumed: errorBudget.consumed,
      },
      ...{ budget_remaining_ratio: errorBudget.remainingRatio, good_before: before.good, valid_before: before.valid },
      sli_before: before.sli,
    }),
  )

const incidents = ({ incidents: all }: PeriodReply): Row[] =>
  all.map(({ slo, service, firedAt, resolvedAt, durationSeconds, budgetShare, suspectVersion, paged }) => ({
    ...{ record: 'incident', from: firedAt, to: resolvedAt, slo, service, duration_seconds: durationSeconds },
    ...{ budget_share: budgetShare, version: suspectVersion },
    paged: paged.map(({ target, state }) => `${target} ${state}`).join('; '),
  }))

/** One line an occurrence. */
const corrections = ({ slos }: PeriodReply): Row[] =>
  slos.flatMap(({ name: slo, corrections: all }) =>
    all.flatMap(({ name: correction, leavesOut: leaves_out, reason, approver, spans }) =>
      spans.map(span => ({ record: 'correction', ...span, slo, correction, leaves_out, reason, approver })),
    ),
  )

const revisions = ({ revisions: all }: PeriodReply): Row[] =>
  all.flatMap(({ appliedAt, revision, source, author, commit, message, changes, isFirst }) => {
    const entry = { record: 'revision', from: appliedAt, revision, source, author, commit, message }
    if (changes.length === 0) return [{ ...entry, change: isFirst ? 'first' : 'none' }]
    return changes.flatMap(({ name: slo, kind: change, fields }): Row[] =>
      fields.length === 0
        ? [{ ...entry, slo, change }]
        : fields.map(({ field, before, after }) => ({ ...entry, slo, change, field, before, after })),
    )
  })

/** A spreadsheet would run a text that begins like a formula: such a text begins with an apostrophe. Numbers are no texts. */
function csvCell(value: Row[keyof Row]): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
