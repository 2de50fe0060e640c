import type { Terminal } from './command.ts'
import type { Waiting } from './instance/running-instance.ts'

const width = 30

/** Shows how much is done where a person looks, and nothing elsewhere. `clear` when the work is over. */
export function progressBar(
  terminal: Terminal,
  what: string,
  signal: AbortSignal,
): Waiting & { readonly clear: () => void } {
  const draw = (text: string) => {
    if (terminal.interactive) terminal.redraw(text)
  }
  return {
    signal,
    progress: share => {
      const full = Math.floor(Math.min(1, Math.max(0, share)) * width)
      draw(`${what} [${'#'.repeat(full)}${'.'.repeat(width - full)}] ${Math.floor(share * 100)} %`)
    },
    clear: () => draw(''),
  }
}
