import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { errnoOf } from '../../lib/errors.ts'
import type { Finding } from '../../lib/findings.ts'
import { formatFinding } from '../../lib/findings.ts'
import type { Logger } from '../../lib/logger.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'

export interface SpecSource {
  /** The last good revision; empty until one was found. */
  current(): SpecSet
  /** Problems of the files as they are now; empty when `current` is what the files say. */
  findings(): readonly Finding[]
  stop(): Promise<void>
}

export const emptySpecs: SpecSet = { slos: [], services: [], targets: [], revision: 'none' }

/**
 * Reads the specs now and again whenever a file changes. A broken edit keeps the last good revision serving; its findings are shown in
 * the log, the API and the viewer.
 * @param options.pollMs how often the folder is looked at.
 */
export async function startSpecSource(options: {
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly pollMs: number
}): Promise<SpecSource> {
  const { directory, clock, logger } = options
  let current = emptySpecs
  let findings: readonly Finding[] = []
  let seen = ''

  const refresh = async () => {
    const now = await fingerprint(directory)
    if (now === seen) return
    seen = now
    const loaded = await loadSpecs([directory])
    findings = loaded.findings
    for (const finding of findings) logger[finding.severity === 'error' ? 'error' : 'warn'](formatFinding(finding))
    if (loaded.specs === null) {
      logger.error({ revision: current.revision }, 'the specs have errors; the last good revision keeps serving')
      return
    }
    if (loaded.specs.revision !== current.revision) {
      logger.info({ revision: loaded.specs.revision, slos: loaded.specs.slos.length }, 'specs in force')
    }
    current = loaded.specs
  }

  await refresh()
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(options.pollMs, stopping.signal)
      await refresh().catch(error =>
        logger.error({ err: error }, 'the specs cannot be read; the last good revision keeps serving'),
      )
    }
  })()

  return {
    current: () => current,
    findings: () => findings,
    stop: () => {
      stopping.abort()
      return watching
    },
  }
}

/** Changes when the file, or one below the directory, appears, vanishes or is written. */
async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256')
  let entries: string[]
  try {
    entries = await readdir(directory, { recursive: true })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'missing'
    if (errnoOf(error) !== 'ENOTDIR') throw error
    const { mtimeMs, size } = await stat(directory)
    return `${mtimeMs}/${size}`
  }
  for (const name of entries.filter(entry => /\.ya?ml$/.test(entry)).sort()) {
    const { mtimeMs, size } = await stat(join(directory, name)).catch(() => ({ mtimeMs: 0, size: -1 }))
    hash.update(`${name}\0${mtimeMs}\0${size}\n`)
  }
  return hash.digest('hex')
}
