import { setTimeout as pause } from 'node:timers/promises'
import type { SentSpan, SpansRequest } from './shop-of-many.ts'

export interface SpanSender {
  /** Answered with 200: each of them must be a row, once. */
  readonly acknowledged: ReadonlyMap<string, SentSpan>
  /** Not answered, or answered with an error after they were sent on: each may be a row, once. */
  readonly uncertain: ReadonlyMap<string, SentSpan>
  /** Resolves when nothing that was sent waits for its answer. */
  stop(): Promise<void>
}

const senders = 2
const betweenMs = 15

/** Sends all the time, whoever listens, and repeats nothing. */
export function startSpanSender(url: string, next: () => SpansRequest): SpanSender {
  const acknowledged = new Map<string, SentSpan>()
  const uncertain = new Map<string, SentSpan>()
  let stopped = false

  const send = async () => {
    while (!stopped) {
      const { body, spans } = next()
      const ok = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: Buffer.from(body),
        signal: AbortSignal.timeout(20_000),
      })
        .then(response => response.ok)
        .catch(() => false)
      for (const span of spans) (ok ? acknowledged : uncertain).set(span.id, span)
      await pause(betweenMs)
    }
  }
  const running = Array.from({ length: senders }, send)
  return {
    acknowledged,
    uncertain,
    stop: async () => {
      stopped = true
      await Promise.all(running)
    },
  }
}
