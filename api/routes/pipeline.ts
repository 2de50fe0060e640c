import { z } from 'zod'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import { deadLetter, pipelineHealth } from '../schemas/pipeline-replies.ts'
import { byId, listLimit, noInput } from '../schemas/requests.ts'

export interface DeadLetterSummary {
  readonly id: string
  readonly topic: string
  readonly offset: bigint
  readonly reason: string
  readonly message: string
  readonly source: string
  readonly receivedAtMs: number
  readonly quarantinedAtMs: number
  readonly state: 'quarantined' | 'replayed'
  readonly bytes: number
}

/** Payloads that could not become rows; replay puts one on the bus again. */
export interface DeadLetterBox {
  list(limit: number): Promise<readonly DeadLetterSummary[]>
  show(id: string): Promise<(DeadLetterSummary & { readonly payload: Uint8Array }) | undefined>
  /** @returns false when there is none of this id. */
  replay(id: string): Promise<boolean>
}

/** What the composition root knows of the running instance. */
export type PipelineHealth = z.input<typeof pipelineHealth>

function present({
  receivedAtMs,
  quarantinedAtMs,
  id,
  topic,
  offset,
  reason,
  message,
  source,
  state,
  bytes,
}: DeadLetterSummary) {
  const times = { receivedAt: isoTime(receivedAtMs), quarantinedAt: isoTime(quarantinedAtMs) }
  return { id, topic, offset, reason, message, source, state, bytes, ...times }
}

/** The pipeline's own health, and its dead letters. */
export function pipelineEndpoints(
  pipeline: () => Promise<PipelineHealth> | PipelineHealth,
  box: DeadLetterBox,
): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/pipeline',
      summary: 'Lag, batches, errors, evaluation and specs of this instance',
      params: noInput,
      query: noInput,
      reply: pipelineHealth,
      answer: async () => pipeline(),
    }),
    endpoint({
      method: 'get',
      path: '/dead-letters',
      summary: 'Payloads that could not become rows, newest first',
      params: noInput,
      query: listLimit,
      reply: z.object({ deadLetters: z.array(deadLetter) }),
      answer: async (_, { limit }) => ({ deadLetters: (await box.list(limit)).map(present) }),
    }),
    endpoint({
      method: 'get',
      path: '/dead-letters/{id}',
      summary: 'One dead letter with its bytes in base64',
      params: byId,
      query: noInput,
      reply: deadLetter.extend({ payload: z.string() }),
      answer: async ({ id }) => {
        const letter = await box.show(id)
        if (letter === undefined) return undefined
        return { ...present(letter), payload: Buffer.from(letter.payload).toString('base64') }
      },
    }),
    endpoint({
      method: 'post',
      path: '/dead-letters/{id}/replay',
      summary: 'Puts a dead letter on the bus again',
      params: byId,
      query: noInput,
      reply: z.object({ replayed: z.boolean() }),
      answer: async ({ id }) => ((await box.replay(id)) ? { replayed: true } : undefined),
    }),
  ]
}
