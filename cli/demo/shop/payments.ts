import { runService } from './run-service.ts'
import { declinedEvery, operations } from './work.ts'

const paymentRequired = 402
let charges = 0

runService('payments', [
  {
    operation: operations.charge,
    handle: async visit => {
      charges++
      await visit.work()
      if (charges % declinedEvery !== 0) return operations.charge.status
      visit.log('WARN', 'card declined by its bank')
      return paymentRequired
    },
  },
])
