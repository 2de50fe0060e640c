/**
 * What Grafana and its ClickHouse plugin make of a query before it reaches the engine, as far as our dashboards use it:
 * `$__timeFilter(c)`, `$__timeInterval(c)`, `$__fromTime`, `$__toTime`, and variables as `${name}`, `${name:raw}`, `${name:text}`,
 * `${name:singlequote}`.
 */
export function expandMacros(
  sql: string,
  options: {
    readonly fromMs: number
    readonly toMs: number
    readonly intervalSeconds: number
    readonly variables: Readonly<Record<string, string>>
  },
): string {
  const from = `toDateTime(${Math.floor(options.fromMs / 1000)})`
  const to = `toDateTime(${Math.floor(options.toMs / 1000)})`
  return sql
    .replace(/\$__timeFilter\(([^)]+)\)/g, (_, column: string) => `${column} >= ${from} AND ${column} <= ${to}`)
    .replace(
      /\$__timeInterval\(([^)]+)\)/g,
      (_, column: string) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${options.intervalSeconds} second)`,
    )
    .replaceAll('$__fromTime', from)
    .replaceAll('$__toTime', to)
    .replace(/\$\{(\w+)(?::(raw|text|singlequote))?\}/g, (_, name: string, format: string | undefined) => {
      const value = options.variables[name]
      if (value === undefined) throw new Error(`the query uses a variable that its dashboard lacks: ${name}`)
      return format === 'singlequote' ? `'${value}'` : value
    })
}
