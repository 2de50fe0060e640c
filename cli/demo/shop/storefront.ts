import { runService } from './run-service.ts'
import { operations } from './work.ts'

/** A failing service behind the storefront is the storefront's failure to its users. */
const gatewayFault = 502

const passedOn = (status: number, success: number) => {
  if (status >= 500) return gatewayFault
  return status >= 400 ? status : success
}

runService('storefront', [
  {
    operation: operations.home,
    handle: async visit => {
      await visit.work()
      return operations.home.status
    },
  },
  {
    operation: operations.product,
    handle: async visit => {
      await visit.work()
      return operations.product.status
    },
  },
  {
    operation: operations.addToCart,
    handle: async visit => {
      await visit.work()
      return passedOn(await visit.call(operations.putItem, 1 + Math.floor(Math.random() * 1000)), 201)
    },
  },
  {
    operation: operations.order,
    handle: async visit => {
      await visit.work()
      const cart = 1 + Math.floor(Math.random() * 1000)
      const found = await visit.call(operations.readCart, cart)
      if (found >= 400) return passedOn(found, found)
      const status = await visit.call(operations.checkOut, cart)
      if (status >= 500) visit.log('WARN', `order of cart ${cart} was lost: checkout answered ${status}`, { cart })
      return passedOn(status, 201)
    },
  },
])
