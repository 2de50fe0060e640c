import { setTimeout as sleep } from 'node:timers/promises'
import type { Deployment } from './messages.ts'
import { createPod, type Pod } from './pod.ts'
import type { ProcessTelemetry } from './telemetry.ts'
import { currentVersions, podsPerZone, type ServiceName, type Zone, zoneNamed, zones } from './topology.ts'

/** The pods of one service, which all live in this process. */
export interface Fleet {
  /** The pod that takes the zone's next request: each in turn. */
  next(zone: string): Pod
  /** Replaces the zone's pods one after another, as a rolling update does. */
  deploy(deployment: Deployment): Promise<void>
  all(): readonly Pod[]
}

export function createFleet(telemetry: ProcessTelemetry, service: ServiceName): Fleet {
  const start = (zone: Zone, ordinal: number, version: string, failureShare: number): Pod => {
    const pod = createPod(telemetry, { service, version, zone, ordinal }, failureShare)
    pod.app.logger.emit({
      severityNumber: 9,
      severityText: 'INFO',
      body: `${service} ${version} started`,
      attributes: { 'event.reason': 'Started' },
    })
    return pod
  }
  const pods = new Map(
    zones.map(zone => [
      zone.name,
      Array.from({ length: podsPerZone }, (_, ordinal) => start(zone, ordinal, currentVersions[service], 0)),
    ]),
  )
  const turns = new Map<string, number>()
  const inZone = (zone: string) => pods.get(zoneNamed(zone).name) ?? []
  return {
    next: zone => {
      const candidates = inZone(zone)
      const turn = turns.get(zone) ?? 0
      turns.set(zone, turn + 1)
      const pod = candidates[turn % candidates.length]
      if (pod === undefined) throw new RangeError(`${service} has no pod in ${zone}`)
      return pod
    },
    deploy: async ({ zone, version, failureShare, pauseMs }) => {
      const candidates = inZone(zone)
      for (const [ordinal, old] of candidates.entries()) {
        if (ordinal > 0) await sleep(pauseMs)
        candidates[ordinal] = start(old.identity.zone, ordinal, version, failureShare)
        await old.retire()
      }
    },
    all: () => [...pods.values()].flat(),
  }
}
