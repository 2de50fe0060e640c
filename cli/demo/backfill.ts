import { setImmediate as giveWay } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import { type Chunk, chunksOf } from './history/chunks.ts'
import { addRange, type Filled, missingRanges, readFilled, type TimeRange, writeFilled } from './history/filled.ts'
import { type PastSinks, writePastVisits } from './history/past-visits.ts'
import { createPayload } from './history/payload.ts'
import { postPayload } from './history/post-payload.ts'
import { createTemplates, type Templates } from './history/templates.ts'
import { dayMs, type Timeline } from './history/timeline.ts'

export interface BackfillOptions {
  /** Base URL of the OTLP/HTTP door. */
  readonly endpoint: string
  readonly token?: string
  /** Remembers what is filled; lives in the data directory, so that it goes when the data goes. */
  readonly markerFile: string
  readonly clock: Clock
  /** Ends the filling between two chunks; the next run goes on from there. */
  readonly signal: AbortSignal
  readonly days?: number
  readonly seed?: number
  readonly onProgress?: (progress: BackfillProgress) => void
}

export interface BackfillProgress {
  readonly chunksDone: number
  readonly chunks: number
  readonly spans: number
  readonly logs: number
  /** The past is filled from here to now; it is filled newest first. */
  readonly reachedMs: number
}

export interface BackfillResult {
  readonly spans: number
  readonly logs: number
  readonly requests: number
  /** What was missing and is filled now; empty when nothing was. */
  readonly filled: readonly TimeRange[]
}

const defaultDays = 30
const defaultSeed = 20_260
/** One request is made while another is answered. */
const concurrency = 2

/**
 * Sends the made-up past through the OTLP door: what of the last `days` no earlier run sent or measured, newest first.
 * A chunk that was acknowledged while the process died before it was noted is sent again by the next run.
 * @throws DEMO_HISTORY_REFUSED when the door refuses it; the signal's reason when aborted.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const endMs = options.clock.now()
  const wanted = { fromMs: endMs - (options.days ?? defaultDays) * dayMs, toMs: endMs }
  let filled = await startingPoint(options.markerFile, wanted)
  const timeline: Timeline = { anchorMs: filled.anchorMs, endMs, seed: options.seed ?? defaultSeed }
  const missing = missingRanges(filled.ranges, wanted)
  const chunks = chunksOf(timeline, missing)
  const templates = createTemplates()
  const totals = { spans: 0, logs: 0, requests: 0, chunksDone: 0 }
  let reachedMs = endMs
  let next = 0
  let noting = Promise.resolve()

  const work = async () => {
    for (let chunk = chunks[next++]; chunk !== undefined; chunk = chunks[next++]) {
      options.signal.throwIfAborted()
      const sent = await sendChunk(timeline, chunk, templates, options)
      totals.spans += sent.spans
      totals.logs += sent.logs
      totals.requests += sent.requests
      totals.chunksDone++
      reachedMs = Math.min(reachedMs, chunk.fromMs)
      filled = { ...filled, ranges: addRange(filled.ranges, chunk) }
      const { spans, logs, chunksDone } = totals
      options.onProgress?.({ chunksDone, chunks: chunks.length, spans, logs, reachedMs })
      noting = noting.then(() => writeFilled(options.markerFile, filled))
      await noting
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const { spans, logs, requests } = totals
  return { spans, logs, requests, filled: missing }
}

async function startingPoint(markerFile: string, wanted: TimeRange): Promise<Filled> {
  const known = await readFilled(markerFile)
  const recent = known?.ranges.some(range => range.toMs > wanted.fromMs)
  // Data so old that nothing of it is left in the window tells no story: the past begins anew.
  return known !== undefined && recent === true ? known : { anchorMs: wanted.toMs, ranges: [] }
}

async function sendChunk(timeline: Timeline, chunk: Chunk, templates: Templates, options: BackfillOptions) {
  const sinks: PastSinks = { spans: createPayload(), logs: createPayload(), templates }
  const counts = { spans: 0, logs: 0 }
  for (const part of chunk.parts) {
    const written = writePastVisits(timeline, part, sinks)
    counts.spans += written.spans
    counts.logs += written.logs
    // The door may live in this process: its turn.
    await giveWay()
  }
  let requests = 0
  for (const signal of ['traces', 'logs'] as const) {
    if ((signal === 'traces' ? counts.spans : counts.logs) === 0) continue
    await postPayload(signal, (signal === 'traces' ? sinks.spans : sinks.logs).encode(), options)
    requests++
  }
  return { ...counts, requests }
}

/**
 * Notes that the time since the backfill has been lived through, so that a later run does not make up a past for it. Runs until
 * the signal aborts.
 */
export async function noteLivedTime(options: {
  readonly markerFile: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly everyMs?: number
}): Promise<void> {
  const fromMs = options.clock.now()
  while (!options.signal.aborted) {
    await options.clock.sleep(options.everyMs ?? 10_000, options.signal)
    const known = await readFilled(options.markerFile)
    if (known === undefined) continue
    const ranges = addRange(known.ranges, { fromMs, toMs: options.clock.now() })
    await writeFilled(options.markerFile, { ...known, ranges })
  }
}
