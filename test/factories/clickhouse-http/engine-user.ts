/** What the one user of a test server may do; every right when left out. */
export interface EngineUser {
  /** `GRANT …` statements without `TO`. */
  readonly grants?: readonly string[]
  /** Queries an hour. */
  readonly queries?: number
  /** Settings of the user's profile. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** What a query may make of a setting: nothing else (`readonly`), or what lies within. */
  readonly constraints?: Readonly<
    Record<string, 'readonly' | { readonly min?: string | undefined; readonly max?: string | undefined }>
  >
}

/**
 * What makes the engine's user such a user, as a server's `users.xml` would; rights and quotas are then the engine's own.
 */
export function engineUsers(user: EngineUser): string {
  const tag = (name: string, text: string) => `<${name}>${text}</${name}>`
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const quota =
    user.queries === undefined ? '' : tag('interval', tag('duration', '3600') + tag('queries', String(user.queries)))
  const settings = Object.entries(user.settings ?? {}).map(([name, value]) => tag(name, escaped(String(value))))
  const constraints = Object.entries(user.constraints ?? {}).map(([name, bound]) => {
    if (bound === 'readonly') return tag(name, '<readonly/>')
    return tag(name, `${tag('min', bound.min ?? '0')}${bound.max === undefined ? '' : tag('max', bound.max)}`)
  })
  const grants =
    user.grants === undefined ? '' : tag('grants', user.grants.map(grant => tag('query', escaped(grant))).join(''))
  const account = `<password/><profile>default</profile><quota>default</quota>${tag('networks', '<ip>::/0</ip>')}${grants}`
  return tag(
    'clickhouse',
    tag('profiles', tag('default', settings.join('') + tag('constraints', constraints.join('')))) +
      tag('quotas', tag('default', quota)) +
      tag('users', tag('default', account)),
  )
}
