import { expect, test } from 'vitest'
import { createAlarm } from '../../../compute/jobs/alarm.ts'
import { systemClock } from '../../../lib/clock.ts'

/** Sleeps until it is told to stop, however short the pause. */
const sleepless = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(2 ** 30, signal) }
const never = new AbortController().signal

test('a ring ends the pause under way', async () => {
  const alarm = createAlarm(sleepless)
  const pause = alarm.pause(1000, never)
  alarm.ring()
  expect(await pause).toBe(true)
})

test('a ring before the pause ends it at once, until it is forgotten', async () => {
  const alarm = createAlarm(sleepless)
  alarm.ring()
  await alarm.pause(1000, never)
  await alarm.pause(1000, never)
  alarm.reset()
  const pause = alarm.pause(1000, never)
  expect(await Promise.race([pause.then(() => 'ended'), systemClock.sleep(20).then(() => 'pauses')])).toBe('pauses')
  alarm.ring()
  await pause
})

test('the signal ends a pause as well', async () => {
  const stop = new AbortController()
  const pause = createAlarm(sleepless).pause(1000, stop.signal)
  stop.abort()
  expect(await pause).toBe(false)
})
