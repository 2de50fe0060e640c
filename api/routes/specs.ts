import type { SloStatus } from '../../compute/budget/status.ts'
import type { Backtest } from '../../compute/jobs/backtest-specs.ts'
import type { PlanSide, SpecPlan } from '../../compute/jobs/plan-specs.ts'
import type { ReplayedAlert } from '../../compute/jobs/replay-slo.ts'
import type { SpecDesk } from '../../compute/jobs/spec-desk.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime, isoTimeOrNull } from '../iso-time.ts'
import { applyRequest, backtestRequest, noInput, planRequest, specFiles } from '../schemas/requests.ts'
import { applyReply, backtestReply, planReply, validation } from '../schemas/spec-replies.ts'

/** What people would like to promise: checked, held against the past, and put into force. */
export function specEndpoints(desk: SpecDesk): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/specs:validate',
      summary: 'All problems of spec files, each with its position, code and remedy',
      params: noInput,
      query: noInput,
      body: specFiles,
      reply: validation,
      answer: async (_params, _query, { files }) => {
        const { specs, findings } = await desk.validate(files)
        return { slos: specs?.slos.length ?? null, revision: specs?.revision ?? null, findings }
      },
    }),
    endpoint({
      method: 'post',
      path: '/specs:plan',
      summary:
        'What a change of specs would have meant: budgets and alerts over the history in the store, before and after',
      params: noInput,
      query: noInput,
      body: planRequest,
      reply: planReply,
      isLong: true,
      answer: async (_params, _query, { files, days }, call) => {
        const { findings, plan } = await desk.plan(files, { days, ...call })
        return { findings, plan: plan === null ? null : presentPlan(plan) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/specs:backtest',
      summary: 'What specs would have said of a stretch of the past, from raw events: SLIs, budgets, every alert',
      params: noInput,
      query: noInput,
      body: backtestRequest,
      reply: backtestReply,
      isLong: true,
      answer: async (_params, _query, { files, from, to }, call) => {
        const { findings, backtest } = await desk.backtest(files, { fromMs: from, toMs: to, ...call })
        return { findings, backtest: backtest === null ? null : presentBacktest(backtest) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/specs',
      summary: 'Puts specs into force as a new revision; its history is worked out from raw events in the background',
      params: noInput,
      query: noInput,
      body: applyRequest,
      reply: applyReply,
      answer: async (_params, _query, { files, expected, prune, ...origin }) =>
        desk.apply(files, origin, { prune, ...(expected === undefined ? {} : { expected }) }),
    }),
  ]
}

function presentPlan({ fromMs, toMs, slos, ...rest }: SpecPlan) {
  return {
    ...rest,
    from: isoTime(fromMs),
    to: isoTime(toMs),
    slos: slos.map(({ name, kind, fields, before, after }) => ({
      name,
      kind,
      fields,
      before: presentSide(before),
      after: presentSide(after),
    })),
  }
}

function presentBacktest({ revision, fromMs, toMs, slos }: Backtest) {
  return {
    revision,
    from: isoTime(fromMs),
    to: isoTime(toMs),
    slos: slos.map(({ name, service, windowText, ...side }) => ({
      name,
      service,
      window: windowText,
      ...presentSide(side),
    })),
  }
}

function presentSide(side: PlanSide | null) {
  if (side === null) return null
  return {
    objective: side.today.objective,
    objectiveText: side.objectiveText,
    today: presentStatus(side.today),
    ends: side.ends.map(presentStatus),
    alerts: side.alerts.map(presentAlert),
  }
}

function presentStatus({ evaluatedAtMs, good, valid, sli, errorBudget, coverage, status }: SloStatus) {
  const { remainingRatio } = errorBudget
  return { at: isoTime(evaluatedAtMs), good, valid, sli, remainingRatio, coverage, status }
}

function presentAlert({ firedAtMs, resolvedAtMs, ...alert }: ReplayedAlert) {
  return { ...alert, firedAt: isoTime(firedAtMs), resolvedAt: isoTimeOrNull(resolvedAtMs) }
}
