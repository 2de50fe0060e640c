import { Agent } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { trafficFactor } from '../rhythm.ts'
import { obeyParent } from './obey-parent.ts'
import { sendRequest } from './send-request.ts'
import { zoneAt, zoneHeader } from './topology.ts'
import { liveMix, operations, pathOf, productCount, type Visit } from './work.ts'

/** The shop's visitors: real HTTP requests to the storefront, arriving whether or not the shop keeps up. */

const tickMs = 50
const reportEveryMs = 1000
/** Beyond this the shop hangs, and more visitors would only use up memory. */
const maxUnderWay = 500

// Additive recurrences of the golden and the silver ratio spread visits evenly over what people do and where they are, so
// that any minute has its share of each.
const goldenStep = (Math.sqrt(5) - 1) / 2
const silverStep = Math.SQRT2 - 1

const visits = Object.entries(liveMix) as readonly [Visit, number][]

function visitAt(position: number): Visit {
  let passed = 0
  for (const [visit, share] of visits) {
    passed += share
    if (position < passed) return visit
  }
  return 'home'
}

const meanPerSecond = Number(process.argv[2] ?? Number.NaN)
if (!(meanPerSecond > 0)) throw new RangeError('traffic takes the mean number of visits a second')
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
let storefrontPort = 0
let sent = 0
let failed = 0
let underWay = 0
let due = 0
let lastTickMs = Date.now()

function visitShop(): void {
  const number = sent++
  const operation = operations[visitAt((number * goldenStep) % 1)]
  const zone = zoneAt((number * silverStep) % 1)
  underWay++
  sendRequest({
    port: storefrontPort,
    method: operation.method,
    path: pathOf(operation, 1 + (number % productCount)),
    headers: { [zoneHeader]: zone.name, 'user-agent': 'shop-visitor' },
    agent,
  })
    .then(status => {
      if (status >= 500) failed++
    })
    .catch(() => failed++)
    .finally(() => underWay--)
}

function tick(): void {
  const now = Date.now()
  // After a pause of the whole machine visits are not made up for.
  const passedMs = Math.min(now - lastTickMs, 10 * tickMs)
  lastTickMs = now
  due += (meanPerSecond * trafficFactor(now) * passedMs) / 1000
  for (; due >= 1; due--) if (underWay < maxUnderWay) visitShop()
}

let ticking: NodeJS.Timeout | undefined
const parent = obeyParent({
  peers: ports => {
    storefrontPort = ports.storefront
    lastTickMs = Date.now()
    ticking ??= setInterval(tick, tickMs)
  },
  deploy: () => Promise.reject(new Error('visitors are not deployed')),
  stop: async () => {
    clearInterval(ticking)
    // Whoever is inside is served before the services close, so that the end of the demo is no failure of the shop.
    while (underWay > 0) await sleep(tickMs)
  },
})
setInterval(() => void parent.tell({ kind: 'visits', sent, failed }), reportEveryMs)
