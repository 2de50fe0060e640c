import { setTimeout as pause } from 'node:timers/promises'
import type { SentSpan, SpansRequest } from './shop-of-many.ts'

export interface SpanSender {
  /** Answered with 200: each of them must be a row, once. */
  readonly acknowledged: ReadonlyMap<string, SentSpan>
  /** Of those, the ones that an earlier try of the same bytes had no answer for: the broker may have them twice. */
  sentAgain(): number
  /** Resolves when nothing that was sent waits for its answer. */
  stop(): Promise<void>
}

const senders = 2
const betweenMs = 15

/** Sends all the time, whoever listens; like an exporter the same bytes again until they are answered with 200. */
export function startSpanSender(url: string, next: () => SpansRequest): SpanSender {
  const acknowledged = new Map<string, SentSpan>()
  let sentAgain = 0
  let stopped = false

  const send = async () => {
    let request = next()
    let tries = 0
    while (!stopped) {
      const ok = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: Buffer.from(request.body),
        signal: AbortSignal.timeout(20_000),
      })
        .then(response => response.ok)
        .catch(() => false)
      tries++
      if (ok) {
        for (const span of request.spans) acknowledged.set(span.id, span)
        if (tries > 1) sentAgain += request.spans.length
        request = next()
        tries = 0
      }
      await pause(betweenMs)
    }
  }
  const running = Array.from({ length: senders }, send)
  return {
    acknowledged,
    sentAgain: () => sentAgain,
    stop: async () => {
      stopped = true
      await Promise.all(running)
    },
  }
}
