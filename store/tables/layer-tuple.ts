/** Columns of a layer tuple in the roll-ups, in their order. */
export const layerTupleColumns = [
  'Region',
  'AvailabilityZone',
  'Cluster',
  'Node',
  'Pod',
  'Container',
  'Process',
  'Component',
  'Service',
  'Environment',
] as const
