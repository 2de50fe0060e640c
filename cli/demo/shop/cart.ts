import { runService } from './run-service.ts'
import { operations } from './work.ts'

runService('cart', [
  {
    operation: operations.putItem,
    handle: async visit => {
      await visit.work()
      return operations.putItem.status
    },
  },
  {
    operation: operations.readCart,
    handle: async visit => {
      await visit.work()
      return operations.readCart.status
    },
  },
])
