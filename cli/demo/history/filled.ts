import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { errnoOf, NinefoldError } from '../../../lib/errors.ts'

/** Which of the past has been filled, kept beside the data so that a second run fills only what is missing. */

const span = z.object({ fromMs: z.number(), toMs: z.number() })
export type TimeRange = Readonly<z.infer<typeof span>>

const document = z.object({ version: z.literal(1), anchorMs: z.number(), filled: z.array(span) })
export interface Filled {
  /** When the demo first ran on this data. */
  readonly anchorMs: number
  /** Disjoint, oldest first. */
  readonly ranges: readonly TimeRange[]
}

/** What the file says, or undefined when there is none. @throws DEMO_MARKER_DAMAGED when it is not such a file. */
export async function readFilled(file: string): Promise<Filled | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { anchorMs, filled } = document.parse(JSON.parse(text))
    return { anchorMs, ranges: filled }
  } catch (cause) {
    throw new NinefoldError('DEMO_MARKER_DAMAGED', `${file} does not say which of the past is filled`, { cause })
  }
}

/** Written beside and renamed, so that a crash leaves the old or the new. */
export async function writeFilled(file: string, filled: Filled): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const text = JSON.stringify({ version: 1, anchorMs: filled.anchorMs, filled: filled.ranges })
  await writeFile(`${file}.new`, `${text}\n`)
  await rename(`${file}.new`, file)
}

/** The ranges with one more, those that touch joined. */
export function addRange(ranges: readonly TimeRange[], added: TimeRange): readonly TimeRange[] {
  const joined: { fromMs: number; toMs: number }[] = []
  for (const range of [...ranges, added].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1)
    if (last !== undefined && range.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, range.toMs)
    else if (range.toMs > range.fromMs) joined.push({ fromMs: range.fromMs, toMs: range.toMs })
  }
  return joined
}

/** What of `wanted` the ranges leave out, oldest first. */
export function missingRanges(ranges: readonly TimeRange[], wanted: TimeRange): readonly TimeRange[] {
  const missing: TimeRange[] = []
  let fromMs = wanted.fromMs
  for (const range of ranges) {
    if (range.toMs <= fromMs || range.fromMs >= wanted.toMs) continue
    if (range.fromMs > fromMs) missing.push({ fromMs, toMs: range.fromMs })
    fromMs = Math.max(fromMs, range.toMs)
  }
  if (fromMs < wanted.toMs) missing.push({ fromMs, toMs: wanted.toMs })
  return missing
}
