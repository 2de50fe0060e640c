import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { isAllowedHost, type OutboundRules } from '../../lib/outbound.ts'
import type { QuerySource } from '../../slo-specs/schema/model.ts'

/**
 * The authorization that a source wants. Specs name a secret, the configuration says where it lies and to which hosts it may go, so that
 * who may write specs cannot send it anywhere else. Read each time: a rotated secret needs no restart.
 * @throws SOURCE_SECRET
 */
export async function authorization(
  source: Extract<QuerySource, { type: 'prometheus' }>,
  url: URL,
  rules: OutboundRules & { readonly secretsDirectory: string | null },
): Promise<Record<string, string>> {
  const name = source.bearerTokenSecret ?? source.passwordSecret
  if (name === undefined) return {}
  if (rules.secretsDirectory === null) throw refuse(name, 'there is no folder of secrets (sources.secretsDirectory)')
  if (!isAllowedHost(url, rules)) throw refuse(name, `${url.host} is not among sources.allowHosts, so it is not told`)
  const secret = await read(join(rules.secretsDirectory, name), name)
  if (source.bearerTokenSecret !== undefined) return { authorization: `Bearer ${secret}` }
  return { authorization: `Basic ${Buffer.from(`${source.username ?? ''}:${secret}`).toString('base64')}` }
}

async function read(file: string, name: string): Promise<string> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw refuse(name, `its file cannot be read (${errnoOf(error) ?? 'unknown'})`)
  }
  if (!/^[\x21-\x7e]{1,4096}$/.test(text)) throw refuse(name, 'its file does not hold one line of text')
  return text
}

function refuse(name: string, why: string): NinefoldError {
  return new NinefoldError('SOURCE_SECRET', `secret ${name}: ${why}`)
}
