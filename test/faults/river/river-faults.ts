import { logFaults } from './log-faults.ts'
import { processFaults } from './process-faults.ts'
import type { RiverFault } from './river-fault.ts'
import { wireFaults } from './wire-faults.ts'

/** Every fault of a river of several processes over Kafka, in the order of the table. */
export const riverFaults: readonly RiverFault[] = [...processFaults, ...wireFaults, ...logFaults]
