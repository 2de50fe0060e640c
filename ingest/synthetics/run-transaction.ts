import { randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import { fillIn, type SyntheticTransaction, type TransactionStep } from '../../slo-specs/schema/transaction-model.ts'
import { extract, unmet } from './judge-answer.ts'
import { type ProbeRules, sendRequest } from './send-request.ts'
import type { StepFailure } from './step-failure.ts'

/** One run of a transaction: its steps up to the first that failed. */
export interface TransactionRun {
  readonly transaction: SyntheticTransaction
  readonly traceId: Buffer
  readonly spanId: Buffer
  /** Milliseconds since the epoch; with fractions, so that durations are of the monotonic clock. */
  readonly startMs: number
  readonly endMs: number
  readonly steps: readonly StepRun[]
  readonly failure?: StepFailure & { readonly step: string }
}

export interface StepRun {
  readonly step: TransactionStep
  readonly spanId: Buffer
  readonly startMs: number
  readonly endMs: number
  /** Without its query, which may hold what is nobody's business; absent when it could not be made. */
  readonly url?: URL
  readonly status?: number
  readonly bodyBytes?: number
  readonly failure?: StepFailure
}

export interface RunOptions {
  readonly rules: ProbeRules
  readonly userAgent: string
  readonly clock: Clock
}

/** By this a service that is asked can tell that nobody waits for the answer (W3C Baggage). */
const baggage = 'synthetic=true'

/**
 * Runs the steps one after another until one fails or the time of the transaction is over.
 * @returns null when `signal` fired meanwhile: nothing is known of the service then.
 */
export async function runTransaction(
  transaction: SyntheticTransaction,
  { rules, userAgent, clock }: RunOptions,
  signal: AbortSignal,
): Promise<TransactionRun | null> {
  const began = { epochMs: clock.now(), monotonicMs: performance.now() }
  const nowMs = () => began.epochMs + (performance.now() - began.monotonicMs)
  const timeout = AbortSignal.timeout(transaction.timeoutSeconds * 1000)
  const context = {
    traceId: randomBytes(16),
    values: new Map<string, string>(),
    signal: AbortSignal.any([signal, timeout]),
    ...{ rules, userAgent, nowMs },
  }
  const steps: StepRun[] = []
  let failure: TransactionRun['failure']
  for (const step of transaction.steps) {
    const run = await runStep(step, context)
    if (signal.aborted) return null
    steps.push(run)
    if (run.failure === undefined) continue
    failure = { ...run.failure, step: step.name }
    break
  }
  const { traceId } = context
  const times = { startMs: began.epochMs, endMs: nowMs() }
  const told = failure === undefined ? {} : { failure }
  return { transaction, traceId, spanId: randomBytes(8), ...times, steps, ...told }
}

interface StepContext extends Omit<RunOptions, 'clock'> {
  readonly traceId: Buffer
  /** What steps before took out of answers. */
  readonly values: Map<string, string>
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

async function runStep(step: TransactionStep, context: StepContext): Promise<StepRun> {
  const { values, rules, signal, nowMs } = context
  const spanId = randomBytes(8)
  const startMs = nowMs()
  const encoded = new Map([...values].map(([name, value]) => [name, encodeURIComponent(value)]))
  const url = new URL(fillIn(step.url, encoded))
  const body = step.body === undefined ? {} : { body: fillIn(step.body, values) }
  const headers = headersOf(step, spanId, context)
  const sent = await sendRequest({ method: step.method, url, headers, ...body }, rules, signal)
  const endMs = nowMs()
  const run = { step, spanId, startMs, endMs, url }
  if ('reason' in sent) return { ...run, failure: sent }
  const failure = unmet(step, sent, endMs - startMs, values) ?? extract(step, sent, values)
  const answered = { ...run, status: sent.status, bodyBytes: sent.body.length }
  return failure === undefined ? answered : { ...answered, failure }
}

/** Names of headers have no case: what the spec says comes last and wins. */
function headersOf(step: TransactionStep, spanId: Buffer, { traceId, values, userAgent }: StepContext) {
  const written = Object.entries(step.headers).map(([name, value]) => [name.toLowerCase(), fillIn(value, values)])
  return {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    ...Object.fromEntries(written),
    traceparent: `00-${traceId.toString('hex')}-${spanId.toString('hex')}-01`,
    baggage,
  }
}
