import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

/** Structured logger; children carry `component`. Never log payload bytes, headers or tokens. */
export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  /** Where lines go; standard error by default, so that standard output stays a command's result. */
  readonly destination?: DestinationStream
  /** A file to append to instead. */
  readonly file?: string
}

export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ dest: options.file ?? 2, sync: true })
  const redact = [
    'authorization',
    '*.authorization',
    'token',
    '*.token',
    'routingKey',
    '*.routingKey',
    'password',
    '*.password',
  ]
  return pino({ level: options.level, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** A logger that says nothing: the default of components used as a library and in tests. */
export const silentLogger: Logger = pino({ level: 'silent' })
