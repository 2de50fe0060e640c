import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { createShutdown } from '../../lib/shutdown.ts'

describe('graceful shutdown', () => {
  it('stops accepting, drains, flushes and closes in that order, last registered first within a phase', async () => {
    const order: string[] = []
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 1000 })
    shutdown.register('close', 'store', () => void order.push('store'))
    shutdown.register('stop-accepting', 'gateway', () => void order.push('gateway'))
    shutdown.register('flush', 'log', () => void order.push('log'))
    shutdown.register('drain', 'sink', () => void order.push('sink'))
    shutdown.register('drain', 'evaluator', () => void order.push('evaluator'))
    await shutdown.run('test')
    expect(order).toEqual(['gateway', 'evaluator', 'sink', 'log', 'store'])
  })

  it('runs once, however often it is asked', async () => {
    let runs = 0
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 1000 })
    shutdown.register('close', 'store', () => void runs++)
    await Promise.all([shutdown.run('first'), shutdown.run('second')])
    expect(runs).toBe(1)
  })

  it('goes on past a step that fails and past one that never ends', async () => {
    const order: string[] = []
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 20 })
    shutdown.register('stop-accepting', 'broken', () => Promise.reject(new Error('no')))
    shutdown.register('drain', 'stuck', () => new Promise(() => {}))
    shutdown.register('close', 'store', () => void order.push('store'))
    await shutdown.run('test')
    expect(order).toEqual(['store'])
  })

  it('begins every step within the whole time, however long those before would take', async () => {
    const order: string[] = []
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 60_000, totalMs: 50 })
    for (const name of ['first', 'second', 'third'])
      shutdown.register('drain', name, () => {
        order.push(name)
        return new Promise(() => {})
      })
    shutdown.register('close', 'store', () => void order.push('store'))
    await shutdown.run('test')
    expect(order).toEqual(['third', 'second', 'first', 'store'])
  })

  it('waits for what closes even when the time is up', async () => {
    const order: string[] = []
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 60_000, totalMs: 20 })
    shutdown.register('drain', 'stuck', () => new Promise(() => {}))
    shutdown.register('close', 'store', async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      order.push('store')
    })
    await shutdown.run('test')
    expect(order).toEqual(['store'])
  })

  it('stops at once what a start that is given up registers later, and waits for it', async () => {
    const order: string[] = []
    const shutdown = createShutdown({ logger: silentLogger, stepTimeoutMs: 60_000, totalMs: 20 })
    shutdown.register('close', 'store', () => {
      shutdown.register('stop-accepting', 'gateway', async () => {
        order.push('gateway closes')
        await new Promise(resolve => setTimeout(resolve, 50))
        order.push('gateway is closed')
      })
      order.push('store')
    })
    await shutdown.run('test')
    expect(order).toEqual(['gateway closes', 'store', 'gateway is closed'])
  })
})
