import { Writable } from 'node:stream'
import { createLogger, type Logger, type LoggerOptions } from '../../lib/logger.ts'

export interface CapturedLogger {
  readonly logger: Logger
  /** All that was logged, as it would be written. */
  text(): string
  lines(): readonly Readonly<Record<string, unknown>>[]
}

/** A logger as the composition root makes it, whose lines are kept. */
export function captureLogger(level: LoggerOptions['level'] = 'trace'): CapturedLogger {
  let text = ''
  const destination = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk)
      done()
    },
  })
  return {
    logger: createLogger({ level, destination }),
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line)),
  }
}
