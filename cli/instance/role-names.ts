/** What a pipeline over several processes needs of each. */
export const roleNames = ['ingest', 'sink', 'compute', 'api'] as const
export type RoleName = (typeof roleNames)[number]

/** What one process may be: one of these, or a place that synthetic transactions run in. */
export const processRoles = [...roleNames, 'prober'] as const
export type ProcessRole = (typeof processRoles)[number]

export function isProcessRole(text: string): text is ProcessRole {
  return processRoles.some(name => name === text)
}
