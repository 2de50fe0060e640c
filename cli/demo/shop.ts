import type { NinefoldError } from '../../lib/errors.ts'
import type { ProcessTelemetry } from './shop/telemetry.ts'
import { type ServiceName, serviceNames } from './shop/topology.ts'
import { type ShopProcess, startShopProcess } from './shop-process.ts'

export interface ShopOptions {
  /** Base URL of the OTLP/HTTP door, e.g. `http://127.0.0.1:4318`. */
  readonly otlpEndpoint: string
  /** Bearer token of that door, when it asks for one. */
  readonly token?: string
  /** Where Node keeps compiled sources between runs; saves each process 15 MB and a third of its start. */
  readonly compileCache: string
  /** Mean visits a second at the storefront. */
  readonly visitsPerSecond?: number
  /** Between the pods of a deployment. */
  readonly rolloutPauseMs?: number
  /** Called once when a process of the shop ends by itself. */
  readonly onCrash: (error: NinefoldError) => void
}

export interface Rollout {
  readonly service: ServiceName
  readonly zone: string
  readonly version: string
  /** Share of requests, 0 to 1, that the new pods answer with 500. */
  readonly failureShare: number
}

export interface Shop {
  readonly processes: Readonly<Record<ServiceName | 'traffic', number>>
  readonly storefrontUrl: string
  /** Lets the visitors in. */
  open(): void
  /** Resolves when the zone's pods are replaced. */
  rollOut(rollout: Rollout): Promise<void>
  /** Visits so far and how many of them were answered with 5xx or not at all; up to a second old. */
  visits(): { readonly sent: number; readonly failed: number }
  /** What became of the telemetry of all services: up to a second old, and whole once the shop has stopped. */
  telemetry(): ProcessTelemetry['exported']
  /** Sends what telemetry is in hand and ends every process. */
  stop(): Promise<void>
}

/** About 60 requests a second over all four services. */
const defaultVisitsPerSecond = 32
const defaultRolloutPauseMs = 1500
/**
 * Starts the shop: four services and their visitors, each a process of its own that ends with this one, however this one
 * ends. @throws DEMO_SHOP_FAILED when one does not come up.
 */
export async function startShop(options: ShopOptions): Promise<Shop> {
  let stopping = false
  const crashed = (error: NinefoldError) => {
    if (!stopping) options.onCrash(error)
  }
  const services = serviceNames.map(name => startShopProcess(name, [], options, crashed))
  const traffic = startShopProcess(
    'traffic',
    [String(options.visitsPerSecond ?? defaultVisitsPerSecond)],
    options,
    crashed,
  )
  const children = [...services, traffic]
  const stop = async () => {
    stopping = true
    await traffic.end()
    await Promise.all(services.map(child => child.end()))
  }
  let ports: Readonly<Record<ServiceName, number>>
  try {
    ports = await portsOf(services)
  } catch (error) {
    await stop()
    throw error
  }
  let visits = { sent: 0, failed: 0 }
  traffic.listen(told => {
    if (told.kind === 'visits') visits = { sent: told.sent, failed: told.failed }
  })
  const exported = new Map<string, ProcessTelemetry['exported']>()
  for (const child of services) {
    child.listen(told => {
      if (told.kind === 'telemetry') exported.set(child.name, told)
    })
    child.tell({ kind: 'peers', ports })
  }
  return {
    processes: Object.fromEntries(children.map(child => [child.name, child.pid])) as Shop['processes'],
    storefrontUrl: `http://127.0.0.1:${ports.storefront}`,
    rollOut: async ({ service, ...deployment }) => {
      const child = services.find(({ name }) => name === service)
      if (child === undefined) throw new RangeError(`the shop has no service ${service}`)
      const deployed = child.hear('deployed')
      child.tell({ kind: 'deploy', pauseMs: options.rolloutPauseMs ?? defaultRolloutPauseMs, ...deployment })
      await deployed
    },
    open: () => traffic.tell({ kind: 'peers', ports }),
    visits: () => visits,
    telemetry: () => {
      const sum = (of: 'spans' | 'logs') => ({
        acknowledged: [...exported.values()].reduce((total, each) => total + each[of].acknowledged, 0),
        givenUp: [...exported.values()].reduce((total, each) => total + each[of].givenUp, 0),
      })
      return { spans: sum('spans'), logs: sum('logs') }
    },
    stop,
  }
}

async function portsOf(services: readonly ShopProcess[]): Promise<Readonly<Record<ServiceName, number>>> {
  const heard = await Promise.all(services.map(async child => [child.name, (await child.hear('listening')).port]))
  return Object.fromEntries(heard) as Record<ServiceName, number>
}
