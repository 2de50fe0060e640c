import { runService } from './run-service.ts'
import { operations } from './work.ts'

const gatewayFault = 502

runService('checkout', [
  {
    operation: operations.checkOut,
    handle: async visit => {
      // What the bad deployment gets wrong: it fails before it reaches payments, so payments stays healthy.
      if (visit.pod.failsNow()) throw new Error('no exchange rate for EUR: table rates_v2 does not exist')
      await visit.work()
      const status = await visit.call(operations.charge)
      if (status >= 500) return gatewayFault
      if (status >= 400) return status
      visit.log('INFO', 'order placed')
      return operations.checkOut.status
    },
  },
])
