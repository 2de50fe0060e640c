/** The layers of a system, coarse to fine, with service and environment beside them (design: contracts). */
export const layerNames = [
  'region',
  'availability_zone',
  'cluster',
  'node',
  'pod',
  'container',
  'process',
  'component',
  'service',
  'environment',
] as const

export type LayerName = (typeof layerNames)[number]

/** The column that holds a layer's value, the same in raw tables (where `service` is `ServiceName`) and in roll-ups. */
export const layerColumns: Readonly<Record<LayerName, string>> = {
  region: 'Region',
  availability_zone: 'AvailabilityZone',
  cluster: 'Cluster',
  node: 'Node',
  pod: 'Pod',
  container: 'Container',
  process: 'Process',
  component: 'Component',
  service: 'Service',
  environment: 'Environment',
}
