import { NinefoldError } from '../lib/errors.ts'
import { suggestion } from '../slo-specs/schema/nearest-name.ts'
import type { PlannedSlo, PlanReply } from './plan-reply.ts'

/** What a policy may ask of a plan, each a number over all SLOs that it touches. */
const measures = {
  pages: ({ slos }: PlanReply) => alertsOf(slos, 'after', 'page'),
  tickets: ({ slos }: PlanReply) => alertsOf(slos, 'after', 'ticket'),
  'new-pages': ({ slos }: PlanReply) => alertsOf(slos, 'after', 'page') - alertsOf(slos, 'before', 'page'),
  'new-tickets': ({ slos }: PlanReply) => alertsOf(slos, 'after', 'ticket') - alertsOf(slos, 'before', 'ticket'),
  exhausted: ({ slos }: PlanReply) => exhaustedOf(slos, 'after'),
  'new-exhausted': ({ slos }: PlanReply) => exhaustedOf(slos, 'after') - exhaustedOf(slos, 'before'),
  added: ({ slos }: PlanReply) => slos.filter(({ kind }) => kind === 'added').length,
  changed: ({ slos }: PlanReply) => slos.filter(({ kind }) => kind === 'changed').length,
  removed: ({ slos }: PlanReply) => slos.filter(({ kind }) => kind === 'removed').length,
} as const

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '==': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
}

export interface PlanPolicy {
  readonly text: string
  /** What was measured, when the plan fails by it. */
  fails(plan: PlanReply): number | undefined
}

/** `pages > 2`. @throws USAGE for what is no such comparison. */
export function readPolicy(text: string): PlanPolicy {
  const [, name = '', operator = '', limit = ''] = /^\s*([a-z-]+)\s*(>=|<=|==|!=|>|<)\s*(\d+)\s*$/.exec(text) ?? []
  const compare = comparisons[operator]
  if (compare === undefined) throw new NinefoldError('USAGE', `--fail-if "${text}" is no comparison: write "pages > 2"`)
  const names = Object.keys(measures)
  const known = names.find(each => each === name) as keyof typeof measures | undefined
  if (known === undefined)
    throw new NinefoldError('USAGE', `--fail-if knows no ${name}${suggestion(name, names)}: ${names.join(', ')}`)
  return {
    text: text.trim(),
    fails: plan => {
      const value = measures[known](plan)
      return compare(value, Number(limit)) ? value : undefined
    },
  }
}

function alertsOf(slos: readonly PlannedSlo[], side: 'before' | 'after', severity: string): number {
  const alerts = slos.flatMap(slo => slo[side]?.alerts ?? [])
  return alerts.filter(alert => alert.severity === severity && !alert.inhibited).length
}

function exhaustedOf(slos: readonly PlannedSlo[], side: 'before' | 'after'): number {
  return slos.filter(slo => slo[side]?.today.status === 'exhausted').length
}
