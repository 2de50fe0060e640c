import { rmSync } from 'node:fs'
import { fillDisk } from '../disk-full.ts'
import { sessionTimeoutMs } from './river.ts'
import { pause, type RiverFault } from './river-fault.ts'

const sinkFromBroker: RiverFault = {
  name: 'kafka: sink cut off from the brokers',
  about: 'for longer than its session; what was on the wire arrives late',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await pause(random() * 500)
    for (const wire of river.brokerWires) wire.cut()
    await pause(sessionTimeoutMs * (1.2 + random()))
    for (const wire of river.brokerWires) wire.mend()
  },
}

const sinkFromStore: RiverFault = {
  name: 'kafka: sink cut off from the store',
  about: 'in the middle of an insert, for some seconds; what was on the wire arrives late',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await pause(random() * 500)
    river.storeWire.cut()
    await pause(500 + random() * 2 * sessionTimeoutMs)
    river.storeWire.mend()
  },
}

const sinkFromBoth: RiverFault = {
  name: 'kafka: sink cut off from brokers and store',
  about: 'a machine that drops off the network, and comes back with an insert in hand',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await pause(random() * 500)
    for (const wire of [...river.brokerWires, river.storeWire]) wire.cut()
    await pause(sessionTimeoutMs * (1.2 + random()))
    // The store first: the late insert meets what the new owner did meanwhile.
    river.storeWire.mend()
    await pause(300)
    for (const wire of river.brokerWires) wire.mend()
  },
}

const readOnlyStore: RiverFault = {
  name: 'kafka: store read-only',
  about: 'the user may only read for a while, by the engine’s own rights',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await river.store.signal('SIGTERM')
    await river.store.start({ as: { grants: ['GRANT SELECT ON *.*'] } })
    await pause(1000 + random() * 2000)
    await river.store.signal('SIGTERM')
    await river.store.start()
  },
}

const storeDiskFull: RiverFault = {
  name: 'kafka: disk of the store full',
  about: 'inserts fail until it is freed',
  times: 20,
  brokers: 1,
  sinks: 2,
  // Room for what twenty times write, and for merged parts until the engine drops them: only the ballast is to fill it.
  storeMegabytes: 3072,
  inject: async ({ river, random }) => {
    const ballast = fillDisk(river.store.folder)
    await pause(1000 + random() * 2000)
    rmSync(ballast)
  },
}

export const wireFaults: readonly RiverFault[] = [
  sinkFromBroker,
  sinkFromStore,
  sinkFromBoth,
  readOnlyStore,
  storeDiskFull,
]
