import { open } from 'node:fs/promises'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import type { BusRecord, StageOptions, UnfitRecord } from './bus.ts'
import { diskError } from './segment-log/disk-error.ts'
import { encodeRecord } from './segment-log/record-codec.ts'

const chunkBytes = 4 * 1024 * 1024

/**
 * Writes records as the engine reads them. All that cannot be are named in one error, so that a topic full of them costs one pass.
 * @throws BUS_UNFIT_RECORDS (details: records), DISK_FULL.
 */
export async function stageRecords(records: readonly BusRecord[], path: string, options: StageOptions): Promise<void> {
  const unfit: UnfitRecord[] = []
  const file = await open(path, options.append === true ? 'a' : 'w').catch(error => {
    throw diskError(error, 'staging a batch')
  })
  try {
    let parts: Uint8Array[] = []
    let bytes = 0
    for (const record of records) {
      const value = fitValue(record, options, unfit)
      if (value === null) continue
      const { head, payload } = encodeRecord(record.offset, record.receivedAtMs, record.source, value)
      parts.push(head, payload)
      bytes += head.length + payload.length
      if (bytes < chunkBytes) continue
      await file.writev(parts)
      parts = []
      bytes = 0
    }
    if (parts.length > 0) await file.writev(parts)
  } catch (error) {
    throw diskError(error, 'staging a batch')
  } finally {
    await file.close()
  }
  if (unfit.length === 0) return
  const message = `${unfit.length} of ${records.length} records cannot become rows`
  throw new NinefoldError('BUS_UNFIT_RECORDS', message, { details: { records: unfit } })
}

function fitValue(record: BusRecord, { prepare }: StageOptions, unfit: UnfitRecord[]): Uint8Array | null {
  const { offset } = record
  if (record.corrupt) {
    unfit.push({ offset, code: 'BUS_CORRUPT_RECORD', message: 'a message fails its checksum or cannot be unpacked' })
    return null
  }
  try {
    return prepare === undefined ? record.value : prepare(record).value
  } catch (error) {
    const { code, message } = asNinefoldError(error)
    unfit.push({ offset, code: 'SINK_UNFIT_PAYLOAD', message: `${code}: ${message}` })
    return null
  }
}
