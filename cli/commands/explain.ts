import { readFileSync } from 'node:fs'
import { sloDetail } from '../../api/schemas/replies.ts'
import { planVerdicts } from '../../compute/jobs/verdict-plan.ts'
import { explainSlo } from '../../compute/reports/explain-slo.ts'
import { judgesValues } from '../../compute/reports/good-bounds.ts'
import { matches } from '../../compute/reports/judge-event.ts'
import { telemetryEventSchema } from '../../compute/reports/telemetry-event.ts'
import type { Clock } from '../../lib/clock.ts'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import { leftOutText } from '../../slo-specs/schema/diff-slos.ts'
import { writeFilter } from '../../slo-specs/schema/filter/write-filter.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { Correction, FilterExpression, Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { suggestion } from '../../slo-specs/schema/nearest-name.ts'
import { isWithin } from '../../slo-specs/schema/time-spans.ts'
import { rollupMinutes } from '../../store/queries/rollup-minutes.ts'
import { type BoundsReply, boundsText } from '../bounds-text.ts'
import type { Command } from '../command.ts'
import type { Config } from '../config-keys.ts'
import { explainText } from '../explain-text.ts'
import { specPaths } from '../instance/spec-paths.ts'
import { useApi } from '../instance/use-api.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'what an SLO promises in plain words, its SQL, its alerts and how soon they tell',
  usage: 'SLO [PATH…] [--sql] [--event FILE] [--bounds]',
  options: {
    sql: { type: 'boolean', about: 'also the statement that counts its events, with its parameters' },
    event: {
      type: 'string',
      about: 'JSON of one event: is it valid, is it good, and which part of the filter says so',
    },
    bounds: {
      type: 'boolean',
      about:
        'asks the instance how many measurements of the last day were good, at least and at most, as histograms tell',
    },
  },
  examples: [
    { line: 'explain checkout-availability', about: 'an SLO of the configured specs' },
    { line: 'explain checkout-latency checkout.yaml --sql', about: 'of a file, with its SQL' },
    { line: 'explain checkout-latency --event span.json', about: 'how one span is judged' },
    { line: 'explain checkout-p99 --bounds', about: 'what the buckets of its histogram leave open' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, clock, json }) => {
    const [name, ...paths] = positionals
    if (name === undefined) throw new NinefoldError('USAGE', 'explain takes the name of an SLO')
    const { specs, findings } = await loadSpecs(specPaths(paths, loadConfig()))
    if (specs === null) {
      for (const finding of findings) terminal.note(formatFinding(finding))
      return 1
    }
    const slo = find(specs, name)
    const explanation = explainSlo(slo)
    const statements = sqlOf(slo)
    const event = typeof flags.event === 'string' ? judge(slo, readEvent(flags.event)) : undefined
    const bounds = flags.bounds === true ? await readBounds(slo, loadConfig().config, clock) : undefined
    if (json) {
      const more = { ...(event && { event }), ...(bounds && { bounds }) }
      const corrections = (slo.corrections ?? []).map(toldCorrection)
      const whole = { slo: slo.name, revision: slo.revision, ...explanation, corrections, statements, ...more }
      terminal.out(JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2))
      return 0
    }
    for (const line of explainText(slo, explanation)) terminal.out(line)
    if (flags.sql === true) for (const { sql, params } of statements) terminal.out(sqlText(sql, params))
    for (const line of event?.lines ?? []) terminal.out(line)
    for (const line of bounds === undefined ? [] : boundsText(bounds)) terminal.out(line)
    return 0
  },
}

/** What is left out, on whose word. */
function toldCorrection(correction: Correction) {
  const { name, description, reason, approver } = correction
  return { name, description, reason, approver, leavesOut: leftOutText(correction) }
}

function find({ slos }: SpecSet, name: string): Slo {
  const slo = slos.find(candidate => candidate.name === name)
  if (slo !== undefined) return slo
  const names = slos.map(candidate => candidate.name)
  throw new NinefoldError('USAGE', `there is no SLO ${name}${suggestion(name, names)}`)
}

/** Of the SLO in force, which has to count what this one does. */
async function readBounds(slo: Slo, config: Config, clock: Clock): Promise<BoundsReply> {
  if (!judgesValues(slo))
    throw new NinefoldError('USAGE', `${slo.name} judges no values of metrics, so there is nothing between bounds`)
  let reply: unknown
  await useApi(config, clock, async api => {
    reply = await api.get(`/api/v1/slos/${encodeURIComponent(slo.name)}`)
  })
  const { revision, bounds } = sloDetail.pick({ revision: true, bounds: true }).parse(reply)
  if (revision !== slo.revision || bounds === null)
    throw new NinefoldError('USAGE', `the ${slo.name} that is in force counts something else: apply this one first`)
  return bounds
}

/** What the roll-up runs for the SLO, here for the first minute of 1970. */
function sqlOf(slo: Slo) {
  const { shapes } = planVerdicts({ slos: [slo], ratios: [], services: [], targets: [], revision: slo.revision })
  return rollupMinutes(shapes, { fromMs: 0, toMs: 60_000 }, 1n).map(({ statement, params }) => ({
    sql: statement.sql,
    params,
  }))
}

function sqlText(sql: string, params: Readonly<Record<string, unknown>>): string {
  const values = Object.entries(params).map(([key, value]) => {
    const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
    return `-- {${key}} = ${text}`
  })
  return ['', sql, ...values].join('\n')
}

function readEvent(path: string) {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new NinefoldError('USAGE', `${path} cannot be read: ${errnoOf(error) ?? String(error)}`, { cause: error })
  }
  try {
    return telemetryEventSchema.parse(JSON.parse(text))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new NinefoldError('USAGE', `${path} is not an event: ${message}`, { cause: error })
  }
}

/** The verdict on one event, and what each part of the filters says of it. */
function judge(slo: Slo, event: ReturnType<typeof readEvent>) {
  const { indicator } = slo
  if (indicator.kind !== 'ratio' || indicator.signal === 'metrics')
    throw new NinefoldError('USAGE', 'metrics are no events: --event judges a span or a log record')
  const { signal, total, good, bad } = indicator
  const says = (filter: FilterExpression) => matches(filter, event, signal)
  const isAsked = says(total.expression)
  const correction = correctionOf(slo, event, says)
  const isValid = isAsked && correction === undefined
  const isGood = isValid && (good === undefined ? !says(bad?.expression ?? never) : says(good.expression))
  const part = good ?? bad ?? { expression: never }
  const line = (filter: FilterExpression) => `  ${says(filter) ? 'true ' : 'false'}  ${writeFilter(filter)}`
  const verdict = isGood ? 'valid and good' : 'valid and bad'
  const lines = [
    '',
    correction === undefined || !isAsked
      ? `The event is ${isValid ? verdict : 'not valid: it does not count'}.`
      : `The event lies in the correction ${correction.name}, so it does not count: ${correction.reason} (approved by ${correction.approver}).`,
    ...(event.time === undefined && slo.corrections !== undefined
      ? ['The event has no time, so whether a correction leaves it out was not looked at.']
      : []),
    'total:',
    ...conjuncts(total.expression).map(line),
    good === undefined ? 'bad:' : 'good:',
    ...conjuncts(part.expression).map(line),
  ]
  return { valid: isValid, good: isGood, correction: correction?.name ?? null, lines }
}

/** The correction that leaves the event out. */
function correctionOf(
  { corrections = [] }: Slo,
  { time }: ReturnType<typeof readEvent>,
  says: (filter: FilterExpression) => boolean,
): Correction | undefined {
  if (time === undefined) return undefined
  const atMs = Date.parse(time)
  return corrections.find(
    ({ times, predicate }) =>
      isWithin(times.within({ fromMs: atMs, toMs: atMs + 1 }), atMs) &&
      (predicate === undefined || says(predicate.expression)),
  )
}

const never: FilterExpression = { op: 'literal', value: { type: 'boolean', value: false } }

function conjuncts(filter: FilterExpression): readonly FilterExpression[] {
  return filter.op === 'and' && filter.operands.length > 0 ? filter.operands.flatMap(conjuncts) : [filter]
}
