import type { ServiceName } from './topology.ts'

/** What each request of the shop does and how long it takes; the live services and the history follow the same table. */

export interface DatabaseCall {
  readonly operation: 'SELECT' | 'INSERT' | 'UPDATE'
  readonly collection: string
  readonly medianMs: number
}

export interface Operation {
  readonly service: ServiceName
  readonly method: 'GET' | 'POST'
  readonly route: string
  /** Time spent in the service itself. */
  readonly medianMs: number
  readonly database?: DatabaseCall
  readonly status: number
}

export const operations = {
  home: { service: 'storefront', method: 'GET', route: '/', medianMs: 6, status: 200 },
  product: {
    service: 'storefront',
    method: 'GET',
    route: '/products/{id}',
    medianMs: 8,
    status: 200,
    database: { operation: 'SELECT', collection: 'products', medianMs: 5 },
  },
  addToCart: { service: 'storefront', method: 'POST', route: '/cart/items', medianMs: 4, status: 201 },
  order: { service: 'storefront', method: 'POST', route: '/orders', medianMs: 6, status: 201 },
  putItem: {
    service: 'cart',
    method: 'POST',
    route: '/carts/{id}/items',
    medianMs: 3,
    status: 201,
    database: { operation: 'INSERT', collection: 'cart_items', medianMs: 4 },
  },
  readCart: {
    service: 'cart',
    method: 'GET',
    route: '/carts/{id}',
    medianMs: 2,
    status: 200,
    database: { operation: 'SELECT', collection: 'cart_items', medianMs: 3 },
  },
  checkOut: { service: 'checkout', method: 'POST', route: '/checkouts', medianMs: 12, status: 201 },
  charge: {
    service: 'payments',
    method: 'POST',
    route: '/charges',
    medianMs: 22,
    status: 201,
    database: { operation: 'INSERT', collection: 'charges', medianMs: 6 },
  },
} as const satisfies Readonly<Record<string, Operation>>

/** Standard deviation of the logarithm of every latency. */
export const latencySpread = 0.35

/** Products that the shop sells: `/products/1` and so on. */
export const productCount = 24

/** Of the charges, one in so many is declined by the card's bank: an answer, not a failure (402). */
export const declinedEvery = 64

/** What people do at the storefront, live; shares sum to 1. */
export const liveMix = { home: 0.25, product: 0.37, addToCart: 0.23, order: 0.15 } as const
export type Visit = keyof typeof liveMix

/** A route with its parameter filled in. */
export function pathOf(operation: Operation, id: number): string {
  return operation.route.replace('{id}', String(id))
}
