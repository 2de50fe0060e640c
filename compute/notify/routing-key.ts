import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../lib/errors.ts'

/** Where routing keys lie; read at each attempt, so that a rotated key needs no restart. */
export interface RoutingKeys {
  /** Of targets that have no key of their own; null when each has to have one. */
  readonly routingKeyFile: string | null
  /** Folder with the keys of targets, each in a file of the target's name; null when all share one. */
  readonly routingKeysDirectory?: string | null
}

/** Names of targets may hold slashes, which lead nowhere here. */
const fileName = /^[A-Za-z0-9][A-Za-z0-9.-]*$/

/** The routing key of a target, or why there is none now. Who writes specs chooses among the keys of the folder and no other file. */
export async function readRoutingKey(
  { routingKeyFile, routingKeysDirectory = null }: RoutingKeys,
  target: string,
): Promise<string | Error> {
  if (routingKeysDirectory !== null && fileName.test(target)) {
    const own = await read(join(routingKeysDirectory, target))
    // A key that is there and cannot be read is no reason to tell somebody else.
    if (!(own instanceof Error) || own.cause !== 'ENOENT') return own
  }
  if (routingKeyFile === null) return new Error(`there is no routing key for ${target}`)
  return read(routingKeyFile)
}

async function read(file: string): Promise<string | Error> {
  try {
    const key = (await readFile(file, 'utf8')).trim()
    return /^[\x21-\x7e]{1,256}$/.test(key) ? key : new Error('the routing key file does not hold one key')
  } catch (error) {
    const cause = errnoOf(error) ?? 'unknown'
    return new Error(`the routing key file cannot be read (${cause})`, { cause })
  }
}
