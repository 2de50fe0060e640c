import { expect, test } from 'vitest'
import { createVersionNotes } from '../../../compute/jobs/version-notes.ts'
import { systemClock } from '../../../lib/clock.ts'

const minuteMs = Date.UTC(2026, 10, 27, 12)
const running = { fromMs: minuteMs, toMs: minuteMs + 60_000 }

/** Notes at a moment of the minute; answers with the seconds of the selection that were read. */
function notes() {
  let nowMs = minuteMs
  let read = ''
  const secondsOf = (ms: unknown) => (Number(ms) - minuteMs) / 1000
  const versions = createVersionNotes({ ...systemClock, now: () => nowMs }, async ({ params }) => {
    read = `${secondsOf(params.fromMs)} to ${secondsOf(params.toMs)}`
  })
  return async (second: number, selection = running, settled = false) => {
    nowMs = minuteMs + second * 1000
    await versions.note(selection, settled)
    return read
  }
}

test('what was looked at is not read again while its minute runs, but for what may be late', async () => {
  const noteAt = notes()
  expect(await noteAt(5)).toBe('0 to 60')
  expect(await noteAt(6)).toBe('0 to 60')
  expect(await noteAt(30)).toBe('0 to 60')
  expect(await noteAt(31)).toBe('20 to 60')
  expect(await noteAt(50)).toBe('21 to 60')
})

test('all is read once more when nothing arrives any longer, and when the minute is over', async () => {
  const noteAt = notes()
  await noteAt(30)
  expect(await noteAt(40, running, true)).toBe('0 to 60')
  expect(await noteAt(41)).toBe('30 to 60')
  expect(await noteAt(61)).toBe('0 to 60')
})

test('the past is read whole, and a look that failed does not count', async () => {
  const noteAt = notes()
  const past = { fromMs: minuteMs - 120_000, toMs: minuteMs }
  expect(await noteAt(30, past)).toBe('-120 to 0')
  expect(await noteAt(31, past)).toBe('-120 to 0')
  let fails = true
  const failing = createVersionNotes({ ...systemClock, now: () => minuteMs + 40_000 }, async ({ params }) => {
    expect(params.fromMs).toBe(minuteMs)
    if (fails) throw new Error('not now')
  })
  await expect(failing.note(running, false)).rejects.toThrow('not now')
  fails = false
  await failing.note(running, false)
})
