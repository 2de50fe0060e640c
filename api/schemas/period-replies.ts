import { z } from 'zod'
import { correction, episode, notification, slo, time } from './replies.ts'
import { revision, sloChange } from './spec-replies.ts'

/** What the API answers about a calendar period. */

const span = { period: z.string(), from: time, to: time }
const { good, valid, sli } = slo.shape
const remainingRatio = slo.shape.errorBudget.shape.remainingRatio.nullable()

const keptPromise = slo
  .pick({
    ...{ name: true, displayName: true, service: true, objective: true, objectiveText: true, budgetingMethod: true },
    ...{ good: true, valid: true, sli: true, coverage: true, data: true, inconsistent: true, revision: true },
  })
  .extend({
    errorBudget: slo.shape.errorBudget.pick({ allowed: true, consumed: true, remaining: true, remainingRatio: true }),
    retained: z
      .boolean()
      .meta({ description: 'False where all rows of the period are past their retention; then nothing is counted' }),
    kept: z.boolean().nullable().meta({ description: 'Whether not more than the budget was spent; null without data' }),
    spent: z.array(z.number()).meta({
      description:
        'Share of the budget that was spent by each of partEnds; above 1 when overspent; empty without data, or where rows that tell the parts apart have gone',
    }),
    corrections: z.array(correction).meta({ description: 'What is left out of the period, and who approved it' }),
    before: z
      .object({ good, valid, sli, remainingRatio })
      .meta({ description: 'The period before, as a whole; nothing where not all of it is known any more' }),
    trend: z.enum(['better', 'worse', 'same']).nullable().meta({ description: 'By the SLI, unrounded' }),
  })

const incident = episode
  .pick({ slo: true, service: true, dedupKey: true, resolvedAt: true, suspectVersion: true, burningLayers: true })
  .extend({
    firedAt: time,
    durationSeconds: z.number().meta({ description: 'Until now while it is open' }),
    budgetShare: z.number().nullable().meta({
      description:
        "Of the period's budget, from the beginning of the window that it fired on to its end; null without data, past the retention of minutes, and of an SLO that is no longer in force",
    }),
    paged: z.array(notification.pick({ target: true, state: true })),
  })

const change = revision.omit({ sequence: true, path: true, slos: true }).extend({
  isFirst: z.boolean().meta({ description: 'Nothing was promised before, so that nothing changed' }),
  changes: z.array(sloChange).meta({ description: 'What changed in what the SLOs mean' }),
})

export const periodReport = z
  .object({
    ...span,
    timeZone: z.string(),
    until: time.meta({ description: 'Counting ends here: with the period, or now while it runs' }),
    isRunning: z.boolean(),
    before: z.object({ ...span, incidents: z.int() }),
    revision: z.string().meta({ description: 'Of the specs in force, which the past is judged by' }),
    kept: z.int(),
    missed: z.int(),
    withoutData: z.int(),
    partEnds: z
      .array(time)
      .meta({ description: "Ends of the period's hours, days, weeks or months, as far as they have begun" }),
    slos: z.array(keptPromise).meta({ description: 'Worst budget first, those without data last' }),
    incidents: z.array(incident).meta({ description: 'Pages that were open in the period, the dearest first' }),
    incidentsOmitted: z.int().meta({ description: 'Older ones, at least so many' }),
    revisions: z.array(change).meta({ description: 'Who changed which promise, when and why; newest first' }),
    revisionsOmitted: z.int().meta({ description: 'Older ones' }),
    evaluatedAt: time,
  })
  .meta({ id: 'PeriodReport' })

export type PeriodReply = z.output<typeof periodReport>
