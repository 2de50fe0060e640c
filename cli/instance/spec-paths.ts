import { resolve } from 'node:path'
import type { LoadedConfig } from '../config.ts'
import { findInstance } from './running-instance.ts'

/**
 * Where a command reads specs from: the paths it is given; else the folder that is configured; else, where none is, the one that the instance
 * on this data directory follows.
 */
export function specPaths(paths: readonly string[], { config, origins }: LoadedConfig): readonly string[] {
  if (paths.length > 0) return paths
  const followed = origins.specs === 'default' ? findInstance(resolve(config.data))?.specs : null
  return [followed ?? config.specs]
}
