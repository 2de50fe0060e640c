import { countStored } from '../count-stored.ts'
import { type FaultResult, seededRandom, summarise } from '../run-fault.ts'
import { untilStored } from './log-faults.ts'
import { type River, startRiver } from './river.ts'
import { pause, type RiverFault, untilItFlows } from './river-fault.ts'

/** Injects the fault into a river of its own while events are sent all the time, then compares every key. */
export async function runRiverFault(
  fault: RiverFault,
  times: number,
  seed: number,
  onProgress: (done: number) => void,
): Promise<FaultResult> {
  const random = seededRandom(seed)
  const river = await startRiver({ ...fault, random })
  const recoveries: number[] = []
  let spoilt = 0
  try {
    await untilItFlows(river)
    for (let done = 0; done < times; done++) {
      await fault.inject({
        river,
        random,
        spoil: count => {
          spoilt += count
        },
      })
      recoveries.push(await untilItFlows(river))
      onProgress(done + 1)
    }
    await river.producer.fallSilent()
    await river.producer.stop()
    await untilStored(river)
    await untilAllAreRows(river)
    const { deadLetters, stored: _, ...counted } = await countStored(river.asked.reader, river.producer)
    const toldOf = deadLetters + river.gaps()
    const acknowledged = river.producer.acknowledged.size
    return { fault: fault.name, times, acknowledged, ...counted, spoilt, toldOf, recoveryMs: summarise(recoveries) }
  } finally {
    await river.close()
  }
}

/** Until what was acknowledged is stored, or no more of it comes. */
async function untilAllAreRows({ asked, producer }: River): Promise<void> {
  let former = -1
  for (let standstill = 0; standstill < 10; ) {
    const { inStore, lost } = await countStored(asked.reader, producer)
    if (lost === 0) return
    standstill = inStore === former ? standstill + 1 : 0
    former = inStore
    await pause(1000)
  }
}
