import { readFileSync } from 'node:fs'
import { splitStatements } from '../../store/migrations/migration-files.ts'
import type { EngineUser } from '../factories/clickhouse-http/engine-user.ts'

export const userStatements = splitStatements(
  readFileSync(new URL('../../deploy/clickhouse/users.sql', import.meta.url), 'utf8'),
)

/** A user of deploy/clickhouse/users.sql as the engine of the test server takes it: rights, settings and their bounds. */
export function userOfFile(name: string): EngineUser {
  const created = userStatements.find(sql => sql.startsWith(`CREATE USER IF NOT EXISTS ${name} `))
  if (created === undefined) throw new Error(`no user ${name}`)
  const grants = userStatements.flatMap(
    sql => new RegExp(`^((?:GRANT|REVOKE) .+) (?:TO|FROM) ${name}$`).exec(sql)?.[1] ?? [],
  )
  const profile = /SETTINGS PROFILE '(\w+)'/.exec(created)?.[1]
  return profile === undefined ? { grants } : { grants, ...profileOfFile(profile) }
}

function profileOfFile(name: string): Pick<EngineUser, 'settings' | 'constraints'> {
  const body = userStatements
    .flatMap(sql => /^CREATE SETTINGS PROFILE IF NOT EXISTS (\w+) SETTINGS\n([\s\S]+)$/.exec(sql) ?? [])
    .slice(1)
  if (body[0] !== name) throw new Error(`no profile ${name}`)
  const settings: Record<string, string> = {}
  const bounds: Record<string, NonNullable<EngineUser['constraints']>[string]> = {}
  for (const line of (body[1] ?? '').split(',\n')) {
    const found = /^\s*(\w+) = '?(\w+)'?(?: (CONST)| MIN (\d+) MAX (\d+))?$/.exec(line)
    if (found === null) throw new Error(`not a setting: ${line}`)
    const [, setting = '', value = '', constant, min, max] = found
    settings[setting] = value
    if (constant !== undefined) bounds[setting] = 'readonly'
    else if (max !== undefined) bounds[setting] = { min, max }
  }
  return { settings, constraints: bounds }
}
