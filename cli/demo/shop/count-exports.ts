import { core } from '@opentelemetry/sdk-node'

/** What became of telemetry that was sent: each event is one of them once its request is over. */
export interface ExportTally {
  acknowledged: number
  /** Refused, or without an answer for as long as the exporter tries: may have been taken all the same. */
  givenUp: number
}

interface Exporter<T> {
  export(items: T[], done: (result: core.ExportResult) => void): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** The exporter, counting into `tally`. */
export function countExports<T>(exporter: Exporter<T>, tally: ExportTally): Exporter<T> {
  return {
    export: (items, done) =>
      exporter.export(items, result => {
        tally[result.code === core.ExportResultCode.SUCCESS ? 'acknowledged' : 'givenUp'] += items.length
        done(result)
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
