import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { NinefoldError } from '../lib/errors.ts'
import { compareFindings, type Finding, formatFinding } from '../lib/findings.ts'
import {
  type Config,
  type ConfigKey,
  type ConfigName,
  configKeys,
  configNames,
  environmentName,
} from './config-keys.ts'

/** Where a value came from, for `ninefold config --print`. */
export type ConfigOrigin =
  | 'default'
  | { readonly file: string; readonly line: number }
  | { readonly environment: string }
  | 'flag'

export interface LoadedConfig {
  readonly config: Config
  readonly origins: Readonly<Record<ConfigName, ConfigOrigin>>
}

export interface ConfigSources {
  readonly file?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `path=value`, later ones stronger. */
  readonly sets: readonly string[]
}

interface Entry {
  readonly name: string
  readonly value: unknown
  readonly origin: ConfigOrigin
  readonly place: { readonly file: string; readonly line: number; readonly column: number }
}

/**
 * One YAML file, then the environment, then flags, each stronger than the one before; lenient in, one strict typed value out.
 * @throws NinefoldError CONFIG_INVALID whose message lists all problems, each with its position.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const findings: Finding[] = []
  const entries = [
    ...(sources.file === undefined ? [] : readFileEntries(sources.file, findings)),
    ...readEnvironmentEntries(sources.environment),
    ...readSetEntries(sources.sets, findings),
  ]
  const values: Record<string, unknown> = {}
  const origins: Record<string, ConfigOrigin> = {}
  for (const name of configNames) {
    values[name] = configKeys[name].fallback
    origins[name] = 'default'
  }
  for (const entry of entries) applyEntry(entry, values, origins, findings)
  if (findings.length > 0) {
    const lines = findings.sort(compareFindings).map(formatFinding)
    throw new NinefoldError('CONFIG_INVALID', lines.join('\n'), { details: { findings } })
  }
  // Each value passed its key's own parser above, which is what gives `Config` its types.
  return { config: values as Config, origins: origins as Record<ConfigName, ConfigOrigin> }
}

function applyEntry(
  entry: Entry,
  values: Record<string, unknown>,
  origins: Record<string, ConfigOrigin>,
  findings: Finding[],
) {
  const name = configNames.find(candidate => candidate === entry.name)
  if (name === undefined) {
    findings.push(problem(entry.place, 'CONFIG_UNKNOWN_KEY', `unknown key ${entry.name}`, suggestion(entry.name)))
    return
  }
  const key: ConfigKey<unknown> = configKeys[name]
  const parsed = key.parse(entry.value)
  if ('expected' in parsed) {
    findings.push(problem(entry.place, 'CONFIG_WRONG_VALUE', `${name} takes ${parsed.expected}`, key.about))
    return
  }
  values[name] = parsed.value
  origins[name] = entry.origin
}

function readFileEntries(file: string, findings: Finding[]): Entry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new NinefoldError('CONFIG_INVALID', `${file} cannot be read`, { cause: error })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  for (const error of document.errors) {
    findings.push(
      problem(place(error.pos[0]), 'CONFIG_YAML', error.message.split('\n')[0] ?? error.code, 'Correct the YAML.'),
    )
  }
  if (document.errors.length > 0 || document.contents === null) return []
  if (!isMap(document.contents)) {
    findings.push(problem(place(0), 'CONFIG_WRONG_VALUE', 'the file is not a map of keys', 'Write `key: value` lines.'))
    return []
  }
  return collectEntries(document.contents, '', document, place)
}

function collectEntries(
  node: Node,
  prefix: string,
  document: Document,
  place: (offset: number) => Entry['place'],
): Entry[] {
  if (!isMap(node)) return []
  return node.items.flatMap(pair => {
    const own = isScalar(pair.key) ? String(pair.key.value) : '?'
    const name = prefix === '' ? own : `${prefix}.${own}`
    const value = pair.value as Node | null
    // `store: {username: …}` and `store: embedded` are both written: a map below a leaf key goes one level down.
    if (isMap(value)) return collectEntries(value, name, document, place)
    const where = place((pair.key as Node).range?.[0] ?? 0)
    return [
      { name, value: value?.toJS(document) ?? null, origin: { file: where.file, line: where.line }, place: where },
    ]
  })
}

function readEnvironmentEntries(environment: ConfigSources['environment']): Entry[] {
  const byVariable = new Map(configNames.map(name => [environmentName(name), name]))
  return Object.keys(environment)
    .filter(variable => variable.startsWith('NINEFOLD_') && environment[variable] !== undefined)
    .map(variable => ({
      name: byVariable.get(variable) ?? variable,
      value: environment[variable],
      origin: { environment: variable },
      place: { file: `environment ${variable}`, line: 1, column: 1 },
    }))
}

function readSetEntries(sets: readonly string[], findings: Finding[]): Entry[] {
  return sets.flatMap((text, index) => {
    const place = { file: '--set', line: index + 1, column: 1 }
    const equals = text.indexOf('=')
    if (equals > 0)
      return [{ name: text.slice(0, equals), value: text.slice(equals + 1), origin: 'flag' as const, place }]
    findings.push(
      problem(place, 'CONFIG_WRONG_VALUE', `"${text}" is not path=value`, 'Write --set otlp.http.port=4318.'),
    )
    return []
  })
}

function problem(place: Entry['place'], code: string, message: string, remedy: string): Finding {
  return { ...place, code, severity: 'error', message, remedy }
}

/** The nearest known key by shared pieces, so that a slip of one letter is answered with the right name. */
function suggestion(name: string): string {
  const pieces = new Set(trigrams(name))
  const scored = configNames.map(candidate => ({
    candidate,
    score: trigrams(candidate).filter(piece => pieces.has(piece)).length / Math.max(candidate.length, name.length),
  }))
  const best = scored.sort((a, b) => b.score - a.score)[0]
  if (best !== undefined && best.score > 0.3) return `Did you mean ${best.candidate}?`
  return '`ninefold config --print` lists all keys.'
}

function trigrams(text: string): string[] {
  const padded = ` ${text
    .toLowerCase()
    .replace(/^ninefold_/, '')
    .replaceAll('_', '.')} `
  return Array.from({ length: Math.max(0, padded.length - 2) }, (_, index) => padded.slice(index, index + 3))
}

/** The content of a file that holds a secret, without surrounding white space. @throws CONFIG_INVALID naming the key and file. */
/** @throws CONFIG_INVALID when a folder that holds secrets cannot be looked into. */
export function checkSecretsFolder(name: ConfigName, folder: string): void {
  try {
    readdirSync(resolve(folder))
  } catch (error) {
    throw new NinefoldError('CONFIG_INVALID', `${name}: the folder ${folder} cannot be read`, { cause: error })
  }
}

export function readSecretFile(name: ConfigName, file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8').trim()
  } catch (error) {
    throw new NinefoldError('CONFIG_INVALID', `${name}: the file ${file} cannot be read`, { cause: error })
  }
}
