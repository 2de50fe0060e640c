import { expect, it } from 'vitest'
import { createTurns } from '../../../ingest/sink/turns.ts'

/** Work that ends when told to, and a list of what began and ended. */
function workshop() {
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () => {
    log.push(`${name} begins`)
    return new Promise<void>(resolve => {
      ends.set(name, () => {
        log.push(`${name} ends`)
        resolve()
      })
    })
  }
  const soon = () => new Promise(resolve => setTimeout(resolve, 5))
  const end = async (name: string) => {
    ends.get(name)?.()
    await soon()
  }
  return { log, work, end, soon }
}

it('work to be alone waits for what is under way, and what comes later waits for it', async () => {
  const { log, work, end, soon } = workshop()
  const turns = createTurns()
  const all = [turns.beside('otlp_logs', work('a')), turns.beside('otlp_logs', work('b'))]
  await soon()
  all.push(turns.alone(work('X')), turns.beside('otlp_logs', work('c')), turns.alone(work('Y')))
  await soon()
  expect(log).toEqual(['a begins', 'b begins'])
  expect([turns.isBusy('otlp_logs'), turns.isBusy('otlp_spans')]).toEqual([true, false])
  await end('a')
  await end('b')
  await end('X')
  await end('Y')
  await end('c')
  await Promise.all(all)
  expect(turns.isBusy('otlp_logs')).toBe(false)
  expect(log).toEqual([
    'a begins',
    'b begins',
    'a ends',
    'b ends',
    'X begins',
    'X ends',
    'Y begins',
    'Y ends',
    'c begins',
    'c ends',
  ])
})

it('a failure is its own and holds up nobody', async () => {
  const turns = createTurns()
  const failing = () => Promise.reject(new Error('no'))
  await expect(turns.beside('otlp_logs', failing)).rejects.toThrow('no')
  await expect(turns.alone(failing)).rejects.toThrow('no')
  expect(await turns.alone(async () => 1)).toBe(1)
  expect(await turns.beside('otlp_logs', async () => 2)).toBe(2)
})
