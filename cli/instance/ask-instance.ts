import { resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { type ApiClient, createApiClient, findInstance } from './running-instance.ts'

/** The API of the instance that runs on the configured data directory. @throws NOT_RUNNING when none does. */
export function askInstance(config: Config): ApiClient {
  const instance = findInstance(resolve(config.data))
  if (instance === undefined) throw new NinefoldError('NOT_RUNNING', `no instance runs on ${resolve(config.data)}`)
  const file = config['auth.tokensFile']
  const token = file === null ? undefined : readSecretFile('auth.tokensFile', file).split('\n')[0]?.trim()
  return createApiClient(instance.apiUrl, token)
}
