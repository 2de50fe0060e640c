/** Rewrites docs/errors.md from the registry: `node test/lib/write-error-page.ts`. The test holds both equal. */
import { writeFileSync } from 'node:fs'
import { errorRegistry } from '../../lib/errors.ts'

const rows = Object.entries(errorRegistry).map(
  ([code, { retryable, remedy }]) => `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${remedy} |`,
)
const page = `# Error codes

Every error of Ninefold's own has a stable code: in logs (\`code\`), in API problem documents (\`code\`), in OTLP answers, in dead
letters and on the terminal. *Retryable* means that the same call may succeed later without anybody changing anything.
Findings in specs have codes of their own: [errors-specs.md](errors-specs.md).

| code | retryable | what to do |
|---|---|---|
${rows.join('\n')}
`
writeFileSync(new URL('../../docs/errors.md', import.meta.url), page)
