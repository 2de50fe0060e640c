import { describe, expect, it } from 'vitest'
import { createReplyCache } from '../../api/reply-cache.ts'

describe('the reply cache', () => {
  const make = () => {
    let now = 0
    let edition = 0
    let made = 0
    const clock = { now: () => now, sleep: async () => {} }
    const cache = createReplyCache({ clock, keepMs: 1000, maxEntries: 2, edition: () => edition })
    const get = (key = 'a') => cache.get(key, async () => `${key}${++made}`)
    return { get, pass: (ms: number) => (now += ms), change: () => (edition += 1) }
  }

  it('gives a reply again for a moment, and not once the numbers have changed', async () => {
    const { get, pass, change } = make()
    expect([await get(), await get()]).toEqual(['a1', 'a1'])
    pass(999)
    expect(await get()).toBe('a1')
    change()
    expect(await get()).toBe('a2')
    pass(1000)
    expect(await get()).toBe('a3')
  })

  it('forgets the oldest beyond its bound, and failures at once', async () => {
    const { get } = make()
    await get('a')
    await get('b')
    await get('c')
    expect(await get('a')).toBe('a4')
    const clock = { now: () => 0, sleep: async () => {} }
    const cache = createReplyCache({ clock, keepMs: 1000, maxEntries: 2, edition: () => 0 })
    await expect(cache.get('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await cache.get('x', async () => 'yes')).toBe('yes')
  })
})
