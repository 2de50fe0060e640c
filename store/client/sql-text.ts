/** A ClickHouse string literal: quotes, backslashes and control characters escaped. For configuration and paths, never for user text. */
export function quoteString(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\0', '\\0')
  return `'${escaped}'`
}

/**
 * `SETTINGS a = 1, b = 'x'`. Settings travel in the statement because the embedded engine's session keeps those that are sent beside it:
 * a deduplication token would silently swallow the next insert.
 */
export function settingsClause(settings: Readonly<Record<string, string | number>>): string {
  return Object.keys(settings).length === 0 ? '' : `\nSETTINGS ${settingsList(settings)}`
}

/** `a = 1, b = 'x'`. */
export function settingsList(settings: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(settings).map(([name, value]) => {
    if (!/^[a-z0-9_]+$/.test(name)) throw new TypeError(`not a setting: ${name}`)
    return `${name} = ${typeof value === 'number' ? value : quoteString(value)}`
  })
  return pairs.join(', ')
}
