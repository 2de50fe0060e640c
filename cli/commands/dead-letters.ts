import { errorRegistry, NinefoldError } from '../../lib/errors.ts'
import type { Command, Terminal } from '../command.ts'
import type { ApiClient } from '../instance/running-instance.ts'
import { useApi } from '../instance/use-api.ts'

interface Letter {
  readonly id: string
  readonly reason: string
  readonly message: string
  readonly source: string
  readonly receivedAt: string
  readonly state: string
  readonly bytes: number
  readonly payload?: string
}

const line = ({ id, reason, state, bytes, receivedAt, source }: Letter) =>
  `${id}  ${reason}  ${state}  ${bytes} B  ${receivedAt}  from ${source}`

type Action = (api: ApiClient, terminal: Terminal, json: boolean) => Promise<void>

const pathOf = (id: string) => `/api/v1/dead-letters/${encodeURIComponent(id)}`

const list: Action = async (api, terminal, json) => {
  const { deadLetters } = (await api.get('/api/v1/dead-letters')) as { deadLetters: readonly Letter[] }
  if (json) terminal.out(JSON.stringify(deadLetters, null, 2))
  else if (deadLetters.length === 0) terminal.out('no dead letters')
  else for (const letter of deadLetters) terminal.out(line(letter))
}

const show =
  (id: string): Action =>
  async (api, terminal, json) => {
    const letter = (await api.get(pathOf(id))) as Letter
    if (json) return terminal.out(JSON.stringify(letter, null, 2))
    terminal.out(line(letter))
    terminal.out(letter.message)
    const known: Readonly<Record<string, { readonly remedy: string }>> = errorRegistry
    terminal.out(known[letter.reason]?.remedy ?? '')
    terminal.out(
      Buffer.from(letter.payload ?? '', 'base64')
        .toString('hex')
        .slice(0, shownHexDigits),
    )
  }

const replay =
  (id: string): Action =>
  async (api, terminal, json) => {
    await api.post(`${pathOf(id)}/replay`)
    terminal.out(json ? JSON.stringify({ replayed: id }) : `${id} is on the bus again`)
  }

const shownHexDigits = 512
const actions = new Map([
  ['show', show],
  ['replay', replay],
])

export const deadLettersCommand: Command = {
  name: 'dead-letters',
  summary: 'payloads that could not become rows: look at them, put them on the bus again',
  usage: 'list | show ID | replay ID',
  maxPositionals: 2,
  options: {},
  examples: [
    { line: 'dead-letters list', about: 'newest first' },
    { line: 'dead-letters show otlp_spans-0-17 --json', about: 'one, with its bytes in base64' },
    { line: 'dead-letters replay otlp_spans-0-17', about: 'try it again after the cause is mended' },
  ],
  run: async ({ positionals, loadConfig, terminal, json, clock }) => {
    const [action = 'list', id] = positionals
    const act = action === 'list' && id === undefined ? list : id === undefined ? undefined : actions.get(action)?.(id)
    if (act === undefined) throw new NinefoldError('USAGE', 'dead-letters takes list, show ID or replay ID')
    await useApi(loadConfig().config, clock, api => act(api, terminal, json))
    return 0
  },
}
