import { configKeys, configNames, environmentName, writtenValue } from '../../cli/config-keys.ts'

export const configPageFile = new URL('../../docs/guides/configuration-keys.md', import.meta.url)

const written = (value: unknown): string =>
  value === null
    ? 'none'
    : Array.isArray(value)
      ? value.map(item => `\`${item}\``).join(', ') || 'none'
      : `\`${value}\``

/** Every key with its default as one writes it, what it is for and its variable. */
export function configPage(): string {
  const rows = configNames.map(name => {
    const { fallback, about } = configKeys[name]
    return `| \`${name}\` | ${written(writtenValue(name, fallback))} | ${about.replaceAll('|', '\\|')} | \`${environmentName(name)}\` |`
  })
  return `# Configuration keys

All keys, with their defaults as one writes them; bytes are plain numbers. How they are given is in [configuration.md](configuration.md).
\`ninefold config --print\` shows the values in force.

| key | default | what for | environment |
|---|---|---|---|
${rows.join('\n')}
`
}
