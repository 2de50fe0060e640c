/** One real program that tests or the bench use: its version, and the shell that gets it into `$TARGET`. Nothing is installed outside. */
export interface Part {
  readonly version: string
  /** Below the part's folder. */
  readonly binary: string
  /** Run by `sh -e` in an empty folder, with TARGET (the part's folder) and HERE (this folder) set. */
  readonly get: string
}

const debian = (
  name: string,
) => `apt-get download ${name} 2>/dev/null || { apt-get update -qq && apt-get download ${name}; }
dpkg -x ${name}_*.deb "$TARGET"`

const goInstall = (module: string) => `GOBIN="$TARGET" go install ${module}`

const collector = (version: string, manifest: string) =>
  `${goInstall(`go.opentelemetry.io/collector/cmd/builder@${version}`)}
"$TARGET/builder" --config "$HERE/${manifest}"
cp build/otelcol "$TARGET/otelcol"`

export const parts = {
  promtool: { version: 'debian', binary: 'usr/bin/promtool', get: debian('prometheus') },
  prometheus: { version: 'debian', binary: 'usr/bin/prometheus', get: debian('prometheus') },
  alertmanager: {
    version: 'debian',
    binary: 'usr/bin/prometheus-alertmanager',
    get: debian('prometheus-alertmanager'),
  },
  amtool: { version: 'debian', binary: 'usr/bin/amtool', get: debian('prometheus-alertmanager') },
  telemetrygen: {
    version: 'v0.161.0',
    binary: 'telemetrygen',
    get: goInstall('github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0'),
  },
  otelcol: {
    version: 'v0.155.0-kafka',
    binary: 'otelcol',
    get: collector('v0.155.0', 'collector-builder.yaml'),
  },
  /** A Collector of its own, because the parts for Kafka and for ClickHouse cannot be had of one version. */
  'otelcol-clickhouse': {
    version: 'v0.161.0',
    binary: 'otelcol',
    get: collector('v0.161.0', 'collector-clickhouse-builder.yaml'),
  },
  /** The jars of a broker; `kafka-broker.ts` beside the tests that need one starts it. */
  kafka: {
    version: '4.1.1',
    binary: 'libs/kafka_2.13-4.1.1.jar',
    get: `cp "$HERE/kafka-pom.xml" pom.xml
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$TARGET/libs"`,
  },
  sloth: {
    version: 'v0.16.0',
    binary: 'sloth',
    get: `printf 'module sloth-of-the-bench\n\ngo 1.24\n\nrequire github.com/slok/sloth v0.16.0\n' > go.mod
go build -mod=mod -o "$TARGET/sloth" github.com/slok/sloth/cmd/sloth`,
  },
} as const satisfies Readonly<Record<string, Part>>

export type PartName = keyof typeof parts
