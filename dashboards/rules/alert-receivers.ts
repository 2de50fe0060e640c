import type { AlertSeverity } from '../../compute/alerts/episode.ts'
import { targetsOf } from '../../compute/jobs/episode-records.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'

/** Somebody who is told, as others than Ninefold tell: opened alone, or opened and ended. */
export interface AlertReceiver {
  /** A target's name; one that does not want to hear of ends is another receiver than the same that does. */
  readonly name: string
  readonly target: string
  readonly sendsResolved: boolean
}

/** SLOs of one service whose alerts of one severity go to the same receivers. */
export interface AlertRoute {
  readonly service: string
  readonly severity: AlertSeverity
  /** Names of the SLOs; absent: all of the service that have such an alert. */
  readonly slos?: readonly string[]
  /** At least one. */
  readonly receivers: readonly AlertReceiver[]
}

export const severities: readonly AlertSeverity[] = ['page', 'ticket', 'no-data']

/** Whether an SLO has an alert of that severity at all. */
export function hasAlert(slo: Slo, severity: AlertSeverity): boolean {
  return severity === 'no-data' ? slo.noDataAfterSeconds > 0 : slo.alerts.some(rule => rule.severity === severity)
}

/** Who is told of an SLO's alerts of that severity: the same whom Ninefold itself would tell. */
export function receiversOf(specs: SpecSet, slo: Slo, severity: AlertSeverity): AlertReceiver[] {
  const rule = slo.alerts.find(candidate => candidate.severity === severity)
  const sendsResolved = rule?.tellsResolved ?? true
  return targetsOf(specs, slo, severity).map(({ name }) => receiverOf(name, sendsResolved))
}

/** Target names have no spaces, so that no receiver of another target is called the same. */
export function receiverOf(target: string, sendsResolved = true): AlertReceiver {
  return { name: sendsResolved ? target : `${target} (beginnings only)`, target, sendsResolved }
}

/** By service and severity; where its SLOs tell different receivers, by these. What nobody is told of has no route. */
export function alertRoutes(specs: SpecSet): AlertRoute[] {
  return specs.services.flatMap(({ name: service }) =>
    severities.flatMap(severity => {
      const slos = specs.slos.filter(slo => slo.service === service && hasAlert(slo, severity))
      const byReceivers = new Map<string, { slos: string[]; receivers: AlertReceiver[] }>()
      for (const slo of slos) {
        const receivers = receiversOf(specs, slo, severity)
        const key = JSON.stringify(receivers)
        const known = byReceivers.get(key)
        if (known === undefined) byReceivers.set(key, { slos: [slo.name], receivers })
        else known.slos.push(slo.name)
      }
      return [...byReceivers.values()]
        .filter(({ receivers }) => receivers.length > 0)
        .map(route => ({
          service,
          severity,
          receivers: route.receivers,
          ...(route.slos.length === slos.length ? {} : { slos: route.slos }),
        }))
    }),
  )
}

/** What the specs say of telling people that a configuration made from them does not do; one sentence each. */
export function untold(specs: SpecSet): string[] {
  const silent = severities.flatMap(severity => {
    const names = specs.slos
      .filter(slo => hasAlert(slo, severity) && receiversOf(specs, slo, severity).length === 0)
      .map(({ name }) => name)
    return names.length === 0 ? [] : [`nobody is told of ${severity} alerts of ${names.join(', ')}`]
  })
  const others = (specs.unsendableTargets ?? []).map(
    ({ name, kind }) =>
      `the target ${name} is told through ${kind}, for which the specs have no address: it is left out`,
  )
  const health =
    (specs.defaultTargets ?? []).length === 0 ? ["nobody is told of the pipeline's own alerts: there is no target"] : []
  return [...others, ...silent, ...health]
}
