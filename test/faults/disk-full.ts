import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, pause, restart } from './fault.ts'

/** The disk fills under load: 503 until it is freed, and sometimes a kill -9 while it is full. */
export const diskFull: Fault = {
  name: 'disk full',
  about:
    'log and store on a disk that fills under load and is freed again; every other time with a kill -9 while it is full',
  times: 20,
  diskMegabytes: 192,
  inject: async context => {
    const { pipeline, producer, folder, random } = context
    await pause(200)
    const before = producer.answers.get(503) ?? 0
    const ballast = fillDisk(folder)
    try {
      await until(() => (producer.answers.get(503) ?? 0) > before)
      await pause(100 + random() * 400)
      if (random() < 0.5) {
        producer.pointTo(null)
        await pipeline.kill()
      }
    } finally {
      rmSync(ballast)
    }
    if (pipeline.isRunning()) {
      const answered = producer.answers.get(200) ?? 0
      await until(() => (producer.answers.get(200) ?? 0) > answered)
    } else await restart(context)
  },
}

/** Writes until nothing more goes in. @returns the file to be removed. */
export function fillDisk(directory: string): string {
  const path = join(directory, 'ballast')
  const file = openSync(path, 'w')
  try {
    for (const size of [1024 * 1024, 4096]) {
      const chunk = Buffer.alloc(size)
      const { bavail, bsize } = statfsSync(directory)
      try {
        for (let left = bavail * bsize; left > -size; left -= size) writeSync(file, chunk)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      }
    }
  } finally {
    closeSync(file)
  }
  return path
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('nothing changed in a minute')
    await pause(20)
  }
}
