// The import law of the project: the folder list is the pipeline, and arrows point one way only.
// Every rule is an error and there is no list of exceptions. Each comment says where the code belongs instead.

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const own = '^(lib|slo-specs|ingest|store|compute|api|dashboards|cli|deploy|docs|test)/'
/** `folder` may import only these (and itself); everything else of ours is forbidden. */
const mayOnlyImport = (folder, allowed, comment) =>
  rule(
    `${folder.replaceAll('/', '-')}-imports`,
    comment,
    { path: `^${folder}/` },
    { path: own, pathNot: [folder, ...allowed].map(name => `^${name}/`) },
  )
const driverOnlyIn = (name, packages, folders, comment) =>
  rule(
    name,
    comment,
    { path: own, pathNot: [...folders, 'test'].map(folder => `^${folder}/`) },
    { path: `node_modules/(${packages})` },
  )

const specs = 'slo-specs/schema'

export default {
  forbidden: [
    rule('no-cycles', 'Move what both need down into the lower of the two.', {}, { circular: true }),
    rule('no-unresolvable', 'The import names nothing that exists.', {}, { couldNotResolve: true }),
    rule(
      'no-tests-in-product',
      'Product code never imports tests; move the shared piece into the product.',
      { path: own, pathNot: '^test/' },
      { path: '^test/' },
    ),

    mayOnlyImport('lib', [], 'lib imports nothing of ours: code that knows a domain belongs in that domain.'),
    mayOnlyImport(specs, ['lib'], 'The spec reader knows no engine and no numbers: evaluation belongs in compute.'),

    mayOnlyImport(
      'ingest/bus',
      ['lib'],
      'The bus carries bytes: what they mean belongs in a collector or in the sink.',
    ),
    mayOnlyImport(
      'ingest/otlp',
      ['ingest/bus', 'lib'],
      'A collector hands payloads to the bus: rows belong in the sink and the store.',
    ),
    mayOnlyImport('ingest/synthetics', ['ingest/bus', specs, 'lib'], 'The prober hands results to the bus.'),
    mayOnlyImport('ingest/cost', ['ingest/bus', 'lib'], 'A collector hands payloads to the bus.'),
    mayOnlyImport('ingest/events', ['ingest/bus', 'lib'], 'A collector hands payloads to the bus.'),
    mayOnlyImport(
      'ingest/sink',
      ['ingest/bus', 'store', 'lib'],
      'The sink joins bus and store and knows nothing of collectors or SLOs.',
    ),

    mayOnlyImport('store/client', ['lib'], 'The client knows no table: tables and queries are above it.'),
    mayOnlyImport('store/migrations', ['store/client', 'lib'], 'Migrations need only a connection.'),
    mayOnlyImport(
      'store/tables',
      ['store/client', 'lib'],
      'A table is columns and an insert; reads belong in store/queries.',
    ),
    mayOnlyImport(
      'store/queries',
      ['store/tables', 'store/client', 'lib'],
      'A query is a value; what is derived from rows belongs in compute.',
    ),

    mayOnlyImport('compute/budget', [specs, 'lib'], 'Pure arithmetic: reading belongs in jobs or reports.'),
    mayOnlyImport(
      'compute/alerts',
      ['compute/budget', specs, 'lib'],
      'Pure evaluation: sending belongs in notify, saving in jobs.',
    ),
    // Counts that other databases work out: one file a kind of source, and what the answers mean.
    mayOnlyImport(
      'compute/sources',
      ['store', specs, 'lib'],
      'A source asks and reads answers: writing counts down belongs in jobs.',
    ),
    mayOnlyImport(
      'compute/jobs',
      ['compute/budget', 'compute/alerts', 'compute/sources', 'store', 'slo-specs', 'lib'],
      'Jobs write numbers: showing them belongs in reports, sending in notify.',
    ),
    mayOnlyImport(
      'compute/notify',
      ['compute/alerts', 'lib'],
      'A sender knows an episode and a wire format, no store.',
    ),
    mayOnlyImport(
      'compute/reports',
      ['compute/budget', 'compute/alerts', 'store', 'slo-specs', 'lib'],
      'Reports read: writing belongs in jobs.',
    ),

    mayOnlyImport(
      'api',
      ['compute', 'slo-specs', 'lib'],
      'The API serves what compute says: a query belongs behind compute/reports.',
    ),
    mayOnlyImport(
      'dashboards',
      ['compute', 'slo-specs', 'lib'],
      'Dashboards render a neutral model: what is computed belongs in compute.',
    ),

    driverOnlyIn(
      'clickhouse-only-in-store',
      '@clickhouse|chdb',
      ['store'],
      'store/ is the sole owner of ClickHouse: add a query or a table there.',
    ),
    driverOnlyIn(
      'kafka-only-in-its-bus',
      'kafkajs',
      ['ingest/bus/kafka'],
      'Use the Bus interface; Kafka stays in ingest/bus/kafka.',
    ),
    driverOnlyIn(
      'express-only-at-the-doors',
      '(@types/)?express/',
      ['api', 'ingest/otlp'],
      'HTTP handling belongs in api or ingest/otlp.',
    ),
    driverOnlyIn(
      'grpc-only-at-its-door',
      '@grpc',
      ['ingest/otlp'],
      'OTLP/gRPC is one door of ingest/otlp; everything else speaks HTTP.',
    ),
    driverOnlyIn('grafana-sdk-only-in-dashboards', '@grafana', ['dashboards'], 'Dashboards are built in dashboards/.'),
  ],
  options: {
    // TypeScript 7 has no API for tools yet; swc parses our sources (docs/decisions/0001-toolchain.md).
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/.*/node_modules|\\.cache|\\.ninefold)/|^api/viewer/static/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
