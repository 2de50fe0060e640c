import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CommandContext } from './command.ts'
import type { ApiClient } from './instance/running-instance.ts'

/** What git says the folder's commit is; empty without git or outside of a repository. */
export function readCommit(path: string): string {
  const folder = existsSync(path) && statSync(path).isDirectory() ? path : dirname(path)
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: folder, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : ''
}

const pollMs = 500

/** Shows how far back the past of new revisions is computed, day by day, until none lacks any. */
export async function followHistory(api: ApiClient, { terminal, clock, signal }: CommandContext): Promise<void> {
  // Where this process evaluates, a tick takes the new revision up before it can say what is left; elsewhere the store says it.
  let ticks = await ticksOf(api)
  const first = ticks.ticks
  while (
    !signal.aborted &&
    ((ticks.ticks !== null && first !== null && ticks.ticks < first + 2) || ticks.historyLeft > 0)
  ) {
    if (terminal.interactive) terminal.redraw(historyLine(ticks))
    await clock.sleep(pollMs, signal)
    ticks = await ticksOf(api)
  }
  terminal.note(signal.aborted ? 'the history goes on in the background' : 'the history is complete')
}

interface Ticks {
  readonly ticks: number | null
  readonly historyLeft: number
  readonly historyBackTo: string | null
}

/** Revisions move together, a day at a time: their number stays for long, the day does not. */
export function historyLine({ historyLeft, historyBackTo }: Pick<Ticks, 'historyLeft' | 'historyBackTo'>): string {
  const reached = historyBackTo === null ? 'begins' : `is computed back to ${historyBackTo.slice(0, 10)}`
  return `history: the past of ${historyLeft} revision${historyLeft === 1 ? '' : 's'} ${reached}`
}

async function ticksOf(api: ApiClient): Promise<Ticks> {
  const { evaluation } = (await api.get('/api/v1/pipeline')) as { evaluation: Ticks }
  return evaluation
}
