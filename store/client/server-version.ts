import { NinefoldError } from '../../lib/errors.ts'

/**
 * The oldest server that knows every setting our statements use, by the engine's own record (`system.settings_changes`):
 * format_schema_source 25.6, input_format_protobuf_oneof_presence 25.9, deduplicate_insert_select 25.12, deduplicate_insert 26.2.
 */
const minimum = { major: 26, minor: 2 } as const

/** @throws STORE_TOO_OLD */
export function requireVersion(version: string, url: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > minimum.major || (major === minimum.major && minor >= minimum.minor)) return
  throw new NinefoldError(
    'STORE_TOO_OLD',
    `the ClickHouse server at ${url} is ${version}; ${minimum.major}.${minimum.minor} or newer is needed`,
    { details: { version, minimum: `${minimum.major}.${minimum.minor}` } },
  )
}
