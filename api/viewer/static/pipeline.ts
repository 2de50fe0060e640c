import { readApi } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { describeDuration, formatAgo, formatBytes, formatCount, formatTime } from './format.ts'
import type { Page, View } from './page.ts'
import { fact, panel, sparkline, table } from './parts.ts'
import { lostCoverage, waitingPartitions } from './pipeline-troubles.ts'
import type { DeadLetter, Pipeline } from './reply-types.ts'

interface PipelineData {
  readonly health: Pipeline
  readonly letters: readonly DeadLetter[]
}

interface Reading {
  readonly atMs: number
  readonly records: number | null
  readonly bytes: number | null
  readonly lagRecords: number | null
}

/** Readings of this visit, the newest last: rates are differences between two of them. */
const readings: Reading[] = []
const mostReadings = 120

export const pipelinePage: Page<PipelineData> = {
  title: () => 'Pipeline',
  read: async () => {
    const [health, { deadLetters }] = await Promise.all([
      readApi<Pipeline>('pipeline'),
      readApi<{ deadLetters: DeadLetter[] }>('dead-letters', { limit: 20 }),
    ])
    readings.push({
      atMs: Date.now(),
      records: health.sink.records,
      bytes: health.sink.bytes,
      lagRecords: health.bus.lagRecords,
    })
    if (readings.length > mostReadings) readings.shift()
    return { health, letters: deadLetters }
  },
  draw: ({ health, letters }, view) => [
    h(
      'header',
      { class: 'page-head', 'data-key': 'head' },
      h('h1', { tabindex: '-1' }, 'Pipeline'),
      h('p', { class: 'promise-text' }, verdict(health, view)),
    ),
    findings(health),
    waitingPartitions(health, view),
    lostCoverage(health, view),
    elsewhere(health),
    flow(health, view),
    evaluation(health, view),
    deadLetters(letters, view),
    instance(health),
  ],
}

/** Whether the numbers on the other pages can be trusted right now. */
function verdict({ sink, evaluation: { lastTickAt }, bus, elsewhere }: Pipeline, { nowMs }: View): string {
  if (elsewhere.some(({ part }) => part === 'evaluation'))
    return sink.lastStoredAt === null
      ? 'Nothing has been stored yet. Other processes store and judge; their probes and metrics say how they are.'
      : `The last payload was stored ${formatAgo(sink.lastStoredAt, nowMs)}. Other processes judge; their probes and metrics say how they are.`
  const tickAge = lastTickAt === null ? null : (nowMs - Date.parse(lastTickAt)) / 1000
  if (tickAge === null)
    return 'Nothing has been evaluated yet; the first numbers come within seconds of the first telemetry.'
  if (tickAge > 60)
    return `The last evaluation was ${describeDuration(tickAge)} ago: the numbers shown are that old. The log says why.`
  if (bus.lagRecords !== null && bus.lagRecords > 1000)
    return `The store is ${formatCount(bus.lagRecords)} payloads behind and catching up.`
  if (sink.lastStoredAt === null) return 'Running. No telemetry has arrived since the start: send OTLP to port 4318.'
  return 'Telemetry arrives, is stored and judged. The numbers are current.'
}

/** Per second between two readings at least a few seconds apart; null before there are two. */
function rate(of: (reading: Reading) => number | null): number | null {
  const last = readings.at(-1)
  const before = readings.findLast(reading => last !== undefined && last.atMs - reading.atMs >= 4000)
  if (last === undefined || before === undefined) return null
  const [now, then] = [of(last), of(before)]
  if (now === null || then === null) return null
  return Math.max(0, ((now - then) * 1000) / (last.atMs - before.atMs))
}

function flow({ bus, sink }: Pipeline, { nowMs }: View): HTMLElement {
  const records = rate(reading => reading.records)
  const bytes = rate(reading => reading.bytes)
  const lags = readings.flatMap(reading => reading.lagRecords ?? [])
  const trend = lags.length < 3 ? null : sparkline(lags, `Lag during this visit, now ${bus.lagRecords}`, [0, 1])
  return panel(
    'From telemetry to rows',
    { key: 'flow' },
    h(
      'dl',
      { class: 'facts' },
      fact('Lag', formatCount(bus.lagRecords), ['payloads, ', formatBytes(bus.lagBytes), trend]),
      fact(
        'Throughput',
        records === null ? '…' : `${formatCount(records)}/s`,
        bytes === null ? 'measuring' : `${formatBytes(bytes)}/s of payloads`,
      ),
      fact(
        'Received to stored',
        sink.lastDelayMs === null ? '—' : `${formatCount(sink.lastDelayMs)} ms`,
        sink.lastStoredAt === null ? 'nothing stored yet' : `last batch ${formatAgo(sink.lastStoredAt, nowMs)}`,
      ),
      fact('Batches', formatCount(sink.batches), `${formatCount(sink.records)} payloads, ${formatBytes(sink.bytes)}`),
      fact('Failures', formatCount(sink.failures), 'batches to be tried again'),
      fact('Dead letters', formatCount(sink.deadLetters), 'since the start'),
    ),
  )
}

function evaluation(
  { evaluation: { ticks, lastTickAt, lastTickMs, failedTicks, historyLeft } }: Pipeline,
  { nowMs }: View,
): HTMLElement {
  return panel(
    'Evaluation',
    { key: 'evaluation' },
    h(
      'dl',
      { class: 'facts' },
      fact(
        'Tick',
        lastTickMs === null ? '—' : `${Math.ceil(lastTickMs)} ms`,
        lastTickAt === null ? 'none yet' : formatAgo(lastTickAt, nowMs),
      ),
      fact('Ticks', formatCount(ticks), `${formatCount(failedTicks)} failed`),
      fact(
        'History to compute',
        formatCount(historyLeft),
        historyLeft === 0 ? 'all SLOs have their past' : 'SLOs whose past is being read',
      ),
    ),
  )
}

/** What other processes do, and where their numbers are. */
function elsewhere({ elsewhere: parts }: Pipeline): Child {
  if (parts.length === 0) return null
  const rows = parts.map(({ part, reason }) => [part, reason])
  return panel(
    'In other processes',
    { key: 'elsewhere' },
    table('Parts that other processes run', ['Part', 'Where'], rows),
  )
}

function findings({ specs }: Pipeline): Child {
  if (specs.findings.length === 0) return null
  const rows = specs.findings.map(finding => [
    h('code', {}, `${finding.file}:${finding.line}:${finding.column}`),
    finding.code,
    [finding.message, h('span', { class: 'note' }, ` ${finding.remedy}`)],
  ])
  const errors = specs.findings.filter(finding => finding.severity === 'error').length
  return panel(
    'Spec files need attention',
    { key: 'findings' },
    h(
      'p',
      { class: 'warning' },
      errors === 0
        ? 'There are warnings; the specs are in force.'
        : `The files have ${errors === 1 ? 'an error' : `${errors} errors`}, so the last good revision keeps serving. Correct them and they are taken up by themselves.`,
    ),
    table('Findings in spec files', ['Where', 'Code', 'What to do'], rows),
  )
}

function deadLetters(letters: readonly DeadLetter[], { nowMs }: View): HTMLElement {
  if (letters.length === 0)
    return panel('Dead letters', { key: 'letters' }, h('p', { class: 'note' }, 'None: every payload became rows.'))
  const rows = letters.map(letter => [
    h('code', {}, letter.id),
    `${letter.reason}: ${letter.message}`,
    formatBytes(letter.bytes),
    letter.source,
    formatTime(letter.quarantinedAt, nowMs),
    letter.state,
  ])
  return panel(
    'Dead letters',
    { key: 'letters' },
    table('Payloads that could not become rows', ['Id', 'Reason', 'Size', 'From', 'When', 'State'], rows),
    h('p', { class: 'note' }, 'After the cause is mended: ', h('code', {}, 'ninefold dead-letters replay ID')),
  )
}

function instance({ store, specs, uptimeSeconds, rssBytes }: Pipeline): HTMLElement {
  return panel(
    'Instance',
    { key: 'instance' },
    h(
      'dl',
      { class: 'facts' },
      fact('Running for', describeDuration(uptimeSeconds), `${formatBytes(rssBytes)} of memory`),
      fact('Store', `ClickHouse ${store.version}`, store.kind),
      fact('Specs', `${specs.slos} SLOs`, ['revision ', h('code', {}, specs.revision.slice(0, 12) || 'none')]),
    ),
  )
}
