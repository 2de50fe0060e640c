import { NinefoldError } from '../../lib/errors.ts'
import type { Command } from '../command.ts'
import { askInstance } from '../instance/ask-instance.ts'

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

export const deadLettersCommand: Command = {
  name: 'dead-letters',
  summary: 'payloads that could not become rows: look at them, put them on the bus again',
  usage: 'list | show ID | replay ID',
  options: {},
  examples: [
    { line: 'dead-letters list', about: 'newest first' },
    { line: 'dead-letters show otlp_spans-0-17 --json', about: 'one, with its bytes in base64' },
    { line: 'dead-letters replay otlp_spans-0-17', about: 'try it again after the cause is mended' },
  ],
  run: async ({ positionals, loadConfig, terminal, json }) => {
    const [action = 'list', id] = positionals
    const api = askInstance(loadConfig().config)
    if (action === 'list') {
      const { deadLetters } = (await api.get('/api/v1/dead-letters')) as { deadLetters: readonly Letter[] }
      if (json) terminal.out(JSON.stringify(deadLetters, null, 2))
      else if (deadLetters.length === 0) terminal.out('no dead letters')
      else for (const letter of deadLetters) terminal.out(line(letter))
      return 0
    }
    if (id === undefined || !['show', 'replay'].includes(action)) {
      throw new NinefoldError('USAGE', 'dead-letters takes list, show ID or replay ID')
    }
    const path = `/api/v1/dead-letters/${encodeURIComponent(id)}`
    if (action === 'replay') {
      await api.post(`${path}/replay`)
      terminal.out(json ? JSON.stringify({ replayed: id }) : `${id} is on the bus again`)
      return 0
    }
    const letter = (await api.get(path)) as Letter
    if (json) terminal.out(JSON.stringify(letter, null, 2))
    else {
      terminal.out(line(letter))
      terminal.out(letter.message)
      terminal.out(
        Buffer.from(letter.payload ?? '', 'base64')
          .toString('hex')
          .slice(0, 512),
      )
    }
    return 0
  },
}
