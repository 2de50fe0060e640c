INSERT INTO events (Time, ReceivedAt, Id, Source, Type, SpecVersion, Subject, DataContentType, DataSchema, Data, Attributes, ResourceAttributes, ServiceName, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, Component, Synthetic)
SELECT fromUnixTimestamp64Nano(toInt64(TimeNano), 'UTC'), fromUnixTimestamp64Milli(toInt64(ReceivedMs), 'UTC'), Id, Source, Type, SpecVersion, Subject, DataContentType, DataSchema, Data, Attributes, ResourceAttributes,
  ServiceName, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, multiIf(ResourceAttributes['db.system.name'] != '', ResourceAttributes['db.system.name'], ResourceAttributes['messaging.system'] != '', ResourceAttributes['messaging.system'], ResourceAttributes['peer.service']), FromSynthetic
FROM (
  SELECT TimeNano, ReceivedMs, Id, Source, Type, SpecVersion, Subject, DataContentType, DataSchema, Data, Attributes, ResourceAttributes, ServiceName, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic
  FROM (
    SELECT *, ResourceAttributes['service.name'] AS ServiceName,
          ResourceAttributes['cloud.region'] AS Region,
          ResourceAttributes['cloud.availability_zone'] AS AvailabilityZone,
          ResourceAttributes['k8s.cluster.name'] AS Cluster,
          multiIf(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) AS Node,
          ResourceAttributes['k8s.pod.name'] AS Pod,
          ResourceAttributes['k8s.container.name'] AS Container,
          ResourceAttributes['process.executable.name'] AS Process,
          ResourceAttributes['deployment.environment.name'] AS Environment,
          ResourceAttributes['synthetic'] = 'true' AS FromSynthetic
    FROM (
      SELECT *, CAST(mapFilter((k, v) -> v != '', map('service.name', multiIf(Attributes['data.service.name'] != '', Attributes['data.service.name'], Attributes['servicename']), 'service.version', multiIf(Attributes['data.service.version'] != '', Attributes['data.service.version'], Attributes['serviceversion']), 'synthetic', multiIf(Attributes['data.synthetic'] != '', Attributes['data.synthetic'], Attributes['synthetic']), 'cloud.region', multiIf(Attributes['data.cloud.region'] != '', Attributes['data.cloud.region'], Attributes['cloudregion']), 'cloud.availability_zone', multiIf(Attributes['data.cloud.availability_zone'] != '', Attributes['data.cloud.availability_zone'], Attributes['cloudavailabilityzone']), 'k8s.cluster.name', multiIf(Attributes['data.k8s.cluster.name'] != '', Attributes['data.k8s.cluster.name'], Attributes['k8sclustername']), 'k8s.node.name', multiIf(Attributes['data.k8s.node.name'] != '', Attributes['data.k8s.node.name'], Attributes['k8snodename']), 'host.name', multiIf(Attributes['data.host.name'] != '', Attributes['data.host.name'], Attributes['hostname']), 'k8s.pod.name', multiIf(Attributes['data.k8s.pod.name'] != '', Attributes['data.k8s.pod.name'], Attributes['k8spodname']), 'k8s.container.name', multiIf(Attributes['data.k8s.container.name'] != '', Attributes['data.k8s.container.name'], Attributes['k8scontainername']), 'process.executable.name', multiIf(Attributes['data.process.executable.name'] != '', Attributes['data.process.executable.name'], Attributes['processexecutablename']), 'deployment.environment.name', multiIf(Attributes['data.deployment.environment.name'] != '', Attributes['data.deployment.environment.name'], Attributes['deploymentenvironmentname']), 'db.system.name', multiIf(Attributes['data.db.system.name'] != '', Attributes['data.db.system.name'], Attributes['dbsystemname']), 'messaging.system', multiIf(Attributes['data.messaging.system'] != '', Attributes['data.messaging.system'], Attributes['messagingsystem']), 'peer.service', multiIf(Attributes['data.peer.service'] != '', Attributes['data.peer.service'], Attributes['peerservice']))), 'Map(LowCardinality(String), String)') AS ResourceAttributes
      FROM (
        SELECT e.time_unix_nano AS TimeNano, received_at AS ReceivedMs, e.id AS Id, e.source AS Source, e.type AS Type,
          e.spec_version AS SpecVersion, e.subject AS Subject, e.data_content_type AS DataContentType, e.data_schema AS DataSchema,
          e.data AS Data, CAST((e.attributes.key, e.attributes.value), 'Map(LowCardinality(String), String)') AS Attributes
        FROM (SELECT received_at, arrayJoin(payload.events) AS e FROM {source})
      )
    )
  )
)

-- structure of {source}, messages of type EventRecord:
-- record_offset UInt64, received_at UInt64, payload Tuple(events Array(Tuple(id String, source String, type String, spec_version String, subject String, data_content_type String, data_schema String, time_unix_nano UInt64, data String, attributes Array(Tuple(key String, value String)))))
