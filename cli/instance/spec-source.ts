import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Meter } from '@opentelemetry/api'
import type { SpecLedger } from '../../compute/jobs/spec-ledger.ts'
import type { SpecsInForce } from '../../compute/jobs/specs-in-force.ts'
import type { Clock } from '../../lib/clock.ts'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { type Finding, formatFinding } from '../../lib/findings.ts'
import type { Logger } from '../../lib/logger.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { defaultFileLimits, readSpecFiles } from '../../slo-specs/schema/spec-files.ts'

export interface SpecSource {
  /** The last good revision; empty until one was found. */
  current(): SpecSet
  /** Problems of the files as they are now; empty when they have none. */
  findings(): readonly Finding[]
  stop(): Promise<void>
}

export interface SpecSourceOptions {
  /** Null: no folder is followed, only what others put into force. */
  readonly directory: string | null
  readonly inForce: SpecsInForce
  readonly ledger: SpecLedger
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
}

/**
 * Keeps the specs in force: what the folder says, whenever it says something new, and what `apply` or `rollback` put into force since. The
 * last change wins, also over a restart: a folder that still says what it said before does not undo what came after it. A broken edit
 * keeps the last good revision serving; its findings are shown in the log, the API, the viewer and
 * the metric `ninefold_spec_findings`.
 * @param options.isShared other processes may put specs into force in the same store.
 * @param options.pollMs how often folder and store are looked at.
 */
export async function startSpecSource(
  options: SpecSourceOptions & { readonly isShared: boolean; readonly pollMs: number },
): Promise<SpecSource> {
  const { directory, inForce, clock, logger } = options
  let findings: readonly Finding[] = []
  let seen = ''
  const counts = options.meter.createGauge('ninefold_spec_findings', {
    description:
      'Problems of the spec files as they are now, by severity; with errors the last good revision keeps serving.',
  })
  const keep = (found: readonly Finding[]) => {
    findings = found
    for (const severity of ['error', 'warning'] as const)
      counts.record(found.filter(finding => finding.severity === severity).length, { severity })
  }

  const refresh = async () => {
    if (options.isShared) await inForce.refresh()
    if (directory === null) return
    const now = await fingerprint(directory)
    if (now === seen) return
    const loaded = await loadSpecs([directory])
    keep(loaded.findings)
    for (const finding of findings) logger[finding.severity === 'error' ? 'error' : 'warn'](formatFinding(finding))
    if (loaded.specs === null)
      logger.error(
        { revision: inForce.current().revision },
        'the specs have errors; the last good revision keeps serving',
      )
    else if (await isNewEdit(loaded.specs, options)) await follow({ ...options, directory })
    seen = now
  }

  await inForce.load()
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
    current: inForce.current,
    findings: () => findings,
    stop: () => {
      stopping.abort()
      return watching
    },
  }
}

/**
 * What an instance would have in force if it started now, without writing anything down.
 * @throws SPECS_INVALID with all findings when nothing is in force and the folder has errors.
 */
export async function readSpecsAtRest(
  options: Pick<SpecSourceOptions, 'inForce' | 'ledger'> & { readonly directory: string },
): Promise<void> {
  const { directory, inForce } = options
  const before = await inForce.load()
  const { specs, findings } = await loadSpecs([directory])
  if (specs !== null && (await isNewEdit(specs, options))) inForce.adopt(specs)
  if (specs === null && before === undefined)
    throw new NinefoldError('SPECS_INVALID', findings.map(formatFinding).join('\n'))
}

/**
 * Does the folder say something else than when it was last followed? One without any specs says nothing: a folder that is not mounted must
 * not end all promises (`apply --prune` can).
 */
async function isNewEdit(
  specs: SpecSet,
  { inForce, ledger }: Pick<SpecSourceOptions, 'inForce' | 'ledger'>,
): Promise<boolean> {
  if (specs.revision === inForce.current().revision) return false
  const isEmpty = specs.slos.length === 0 && specs.services.length === 0
  const followed = await ledger.latest('directory')
  if (followed === undefined) return !isEmpty || inForce.current().revision === 'none'
  return !isEmpty && followed.revision !== specs.revision
}

async function follow({
  directory,
  inForce,
  logger,
}: SpecSourceOptions & { readonly directory: string }): Promise<void> {
  const { files } = await readSpecFiles([directory], defaultFileLimits)
  const named = files.map(({ file, text }) => ({ file: relative(directory, file) || file, text }))
  const origin = { source: 'directory', path: directory, author: '', commit: '', message: '' } as const
  const { outcome } = await inForce.apply(named, origin, { prune: true })
  if (outcome !== 'applied' && outcome !== 'unchanged')
    logger.warn({ outcome }, 'the specs changed while they were read')
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
