import process from 'node:process'
import { type ProtocolStep, protocolSteps } from '../../../ingest/sink/steps.ts'
import { reached } from '../fault.ts'
import { sessionTimeoutMs } from './river.ts'
import { pause, pick, type RiverFault } from './river-fault.ts'

const killIngest: RiverFault = {
  name: 'kafka: kill -9 ingest',
  about: 'the gateway, with requests on their way to the broker',
  times: 20,
  brokers: 1,
  sinks: 1,
  inject: async ({ river, random }) => {
    await pause(random() * 500)
    await river.ingest.signal('SIGKILL')
    await river.ingest.start()
  },
}

const killUnanswered: RiverFault = {
  name: 'kafka: kill -9 ingest before the answer',
  about:
    'the brokers have a payload and its sender was not told: it sends the same again, and another sink may have the partition by then',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await river.ingest.signal('SIGKILL')
    await river.ingest.start({ dieUnanswered: 1 + Math.floor(random() * 20) })
    await reached(river.ingest.ended(), 'before the answer')
    if (random() < 0.5) {
      const sink = pick(river.sinks, random)
      await sink.signal('SIGKILL')
      await sink.start()
    }
    await river.ingest.start()
  },
}

const killSink: RiverFault = {
  name: 'kafka: kill -9 sink',
  about: 'one of three sinks at any moment; the others take its partitions over, or it comes back first',
  times: 20,
  brokers: 1,
  sinks: 3,
  inject: async ({ river, random }) => {
    await pause(random() * 1000)
    const sink = pick(river.sinks, random)
    await sink.signal('SIGKILL')
    await pause(random() < 0.5 ? 0 : random() * 2 * sessionTimeoutMs)
    await sink.start()
  },
}

const killSinkAt = (step: ProtocolStep): RiverFault => ({
  name: `kafka: kill -9 sink ${step}`,
  about: 'the sink, at this step of its protocol',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const sink = pick(river.sinks, random)
    await sink.signal('SIGKILL')
    await sink.start({ dieAt: { step, nth: 1 + Math.floor(random() * 3) } })
    await reached(sink.ended(), step)
    await sink.start()
  },
})

const zombieAt = (step: ProtocolStep): RiverFault => ({
  name: `kafka: zombie ${step}`,
  about: 'SIGSTOP of a sink at this step for longer than its session, then SIGCONT: what it had in hand goes on late',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const sink = pick(river.sinks, random)
    await sink.signal('SIGTERM')
    const started = sink.start({ haltAt: { step, nth: 1 + Math.floor(random() * 3) } })
    const halted = sink.told('halted')
    await started
    await reached(halted, step)
    await pause(sessionTimeoutMs * (1.5 + random()))
    await sink.signal('SIGCONT')
    await pause(1500)
  },
})

const killBroker: RiverFault = {
  name: 'kafka: kill -9 broker leader',
  about: 'one of three brokers, leader of a third of the partitions',
  times: 20,
  brokers: 3,
  sinks: 2,
  inject: async ({ river, random }) => {
    const broker = pick(river.kafka.brokers, random)
    await broker.signal('SIGKILL')
    await pause(random() * 4000)
    await broker.start()
  },
}

const killAllBrokers: RiverFault = {
  name: 'kafka: kill -9 all brokers',
  about: 'three brokers at once, an unclean end each, started again on their disks',
  times: 20,
  brokers: 3,
  sinks: 2,
  inject: async ({ river, random }) => {
    await Promise.all(river.kafka.brokers.map(broker => broker.signal('SIGKILL')))
    await pause(random() * 2000)
    await Promise.all(river.kafka.brokers.map(broker => broker.start()))
  },
}

const uncleanRestart: RiverFault = {
  name: 'kafka: unclean restart of the only broker',
  about: 'kill -9 and start again at once',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river }) => {
    const [broker] = river.kafka.brokers
    await broker?.signal('SIGKILL')
    await broker?.start()
  },
}

const killStore: RiverFault = {
  name: 'kafka: kill -9 the store',
  about: 'the ClickHouse server, with inserts under way',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    await pause(random() * 500)
    await river.store.signal('SIGKILL')
    await pause(random() * 3000)
    await river.store.start()
  },
}

const killEverything: RiverFault = {
  name: 'kafka: kill -9 everything',
  about: 'gateway, sinks, broker and store within the same moment',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river, random }) => {
    const { ingest, kafka, store } = river
    const deaths = [
      () => ingest.signal('SIGKILL'),
      ...river.sinks.map(sink => () => sink.signal('SIGKILL')),
      () => kafka.brokers[0]?.signal('SIGKILL'),
      () => store.signal('SIGKILL'),
    ]
    await Promise.all(deaths.map(death => pause(random() * 50).then(death)))
    await Promise.all([kafka.brokers[0]?.start(), store.start()])
    await Promise.all([ingest.start(), ...river.sinks.map(sink => sink.start())])
  },
}

const slowStore: RiverFault = {
  name: 'kafka: slow store',
  about: 'the store answers nothing for a minute, twenty sessions of a sink, then all at once',
  times: 20,
  brokers: 1,
  sinks: 2,
  inject: async ({ river }) => {
    process.kill(river.store.pid(), 'SIGSTOP')
    await pause(60_000)
    process.kill(river.store.pid(), 'SIGCONT')
  },
}

/** Steps that a river without engine crashes comes to. */
const steps = protocolSteps.filter(step => step !== 'before-probe')

export const processFaults: readonly RiverFault[] = [
  killIngest,
  killUnanswered,
  killSink,
  ...steps.map(killSinkAt),
  ...(['after-intent', 'after-stage', 'after-insert', 'before-commit'] as const).map(zombieAt),
  killBroker,
  killAllBrokers,
  uncleanRestart,
  killStore,
  killEverything,
  slowStore,
]
