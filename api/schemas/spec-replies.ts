import { z } from 'zod'
import { quotient } from './ratio-replies.ts'
import { time } from './replies.ts'

/** What the API answers about specs that somebody would like to have. */

const count = z.int().meta({ description: 'A count of events, or of slices, an exact integer' })

const finding = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  remedy: z.string(),
})

export const validation = z.object({
  slos: z.int().nullable().meta({ description: 'null when there are errors' }),
  revision: z.string().nullable(),
  findings: z.array(finding),
})

const plannedStatus = z.object({
  at: time,
  good: count,
  valid: count,
  sli: z.number().nullable(),
  remainingRatio: z.number().meta({ description: 'Of the error budget; signed, never clamped' }),
  coverage: z.number(),
  status: z.enum(['healthy', 'burning', 'exhausted', 'no-data']),
})

const plannedAlert = z.object({
  severity: z.enum(['page', 'ticket', 'no-data']),
  firedAt: time,
  resolvedAt: time.nullable(),
  budgetSpent: z.number().nullable().meta({ description: 'Share of the error budget spent when it fired' }),
  inhibited: z.boolean(),
  conditions: z.array(z.string()),
})

const side = z.object({
  objective: z.number(),
  objectiveText: z.string(),
  today: plannedStatus,
  ends: z.array(plannedStatus).meta({ description: 'At the end of each of the last windows, newest first' }),
  alerts: z.array(plannedAlert),
})

export const sloChange = z.object({
  name: z.string(),
  kind: z.enum(['added', 'changed', 'removed', 'unchanged']),
  fields: z.array(
    z.object({
      field: z.string(),
      before: z.string(),
      after: z.string(),
      touches: z.enum(['counts', 'budget', 'alerts', 'words']),
    }),
  ),
})

const sloPlan = sloChange.extend({
  before: side.nullable(),
  after: side.nullable(),
})

const ratioPlan = sloChange.extend({
  before: z.object(quotient).nullable().meta({ description: 'Over the last day, from raw events' }),
  after: z.object(quotient).nullable(),
})

const plan = z.object({
  beforeRevision: z.string(),
  afterRevision: z.string(),
  from: time.meta({ description: 'Alerts are replayed from here on' }),
  to: time,
  slos: z.array(sloPlan).meta({ description: 'Without those that stay as they are' }),
  unchanged: z.int(),
  ratios: z.array(ratioPlan).meta({ description: 'Without those that stay as they are' }),
})

export const planReply = z.object({
  findings: z.array(finding),
  plan: plan.nullable().meta({ description: 'null when the files have errors' }),
})

const backtest = z.object({
  revision: z.string(),
  from: time.meta({ description: 'Alerts are replayed from here on: what was asked for, or the first data' }),
  to: time,
  slos: z.array(
    side.extend({ name: z.string(), service: z.string(), window: z.string().meta({ description: 'As written' }) }),
  ),
})

export const backtestReply = z.object({
  findings: z.array(finding),
  backtest: backtest.nullable().meta({ description: 'null when the files have errors' }),
})

export const applyReply = z.object({
  outcome: z.enum(['applied', 'unchanged', 'invalid', 'would-remove']).meta({
    description: 'would-remove: nothing was done: SLOs, ratios or transactions would be gone and prune is false',
  }),
  revision: z.string().optional(),
  removed: z.array(z.string()).optional(),
  findings: z.array(finding),
})

export const revision = z.object({
  sequence: z.int().meta({ description: 'Counts how often specs came into force' }),
  revision: z.string(),
  appliedAt: time,
  source: z.enum(['directory', 'apply', 'rollback']),
  path: z.string(),
  author: z.string(),
  commit: z.string(),
  message: z.string(),
  slos: z.int(),
})

export const revisionList = z.object({ current: z.string(), revisions: z.array(revision) })
export const revisionReply = revision.extend({ files: z.array(z.object({ file: z.string(), text: z.string() })) })
export const revisionDiff = z.object({
  from: z.string(),
  to: z.string(),
  slos: z.array(sloChange),
  ratios: z.array(sloChange),
})
