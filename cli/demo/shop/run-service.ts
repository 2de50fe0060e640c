import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createFleet } from './fleet.ts'
import { obeyParent } from './obey-parent.ts'
import { createListener, type Route } from './serve-request.ts'
import { startTelemetry } from './telemetry.ts'
import type { ServiceName } from './topology.ts'

/** Longer than a caller's idle connections live, so that the caller and not we end them. */
const keepAliveMs = 60_000
const reportEveryMs = 1000

/** Runs one service of the shop in this process: all its pods in all zones behind one port, which the system chooses. */
export function runService(service: ServiceName, routes: readonly Route[]): void {
  const telemetry = startTelemetry({ 'service.name': service, 'service.namespace': 'shop' })
  const fleet = createFleet(telemetry, service)
  const peers = new Map<ServiceName, number>()
  const parent = obeyParent({
    peers: ports => {
      for (const [name, port] of Object.entries(ports)) peers.set(name as ServiceName, port)
    },
    deploy: deployment => fleet.deploy(deployment),
    stop: async () => {
      server.close()
      await Promise.all(fleet.all().map(pod => pod.retire()))
      await telemetry.shutdown()
      await tellTelemetry()
    },
  })
  const tellTelemetry = () => parent.tell({ kind: 'telemetry', ...telemetry.exported })
  setInterval(() => void tellTelemetry(), reportEveryMs)
  const server = createServer({ keepAliveTimeout: keepAliveMs }, createListener(service, routes, fleet, peers))
  server.on('error', error => {
    process.stderr.write(`${service}: ${error.message}\n`)
    process.exit(1)
  })
  server.listen(
    0,
    '127.0.0.1',
    () => void parent.tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
  )
}
