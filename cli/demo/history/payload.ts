import { WireWriter } from '../../../ingest/otlp/wire-writer.ts'
import { type PodIdentity, resourceAttributes, sidecarContainer } from '../shop/topology.ts'
import { RecordBuffer } from './record-buffer.ts'
import { writeAttributes } from './templates.ts'

/** By this resource attribute every event of the made-up past can be told from what was really measured. */
export const historyAttribute = 'ninefold.demo.backfill'

const lengthDelimited = 2

/** Records of one signal by resource, and finally one Export request of them. */
export interface Payload {
  /** The buffer of a container's records. */
  of(pod: PodIdentity, container: string): RecordBuffer
  encode(): Buffer
}

export function createPayload(): Payload {
  const groups = new Map<string, { pod: PodIdentity; container: string; records: RecordBuffer }>()
  return {
    of: (pod, container) => {
      const key = `${pod.service}/${pod.version}/${pod.zone.name}/${pod.ordinal}/${container}`
      let group = groups.get(key)
      if (group === undefined) {
        group = { pod, container, records: new RecordBuffer() }
        groups.set(key, group)
      }
      return group.records
    },
    encode: () => Buffer.concat([...groups.values()].map(encodeResource)),
  }
}

/** The nesting of the two requests is the same: resources in field 1; resource 1, scopes 2; scope 1, records 2. */
function encodeResource(group: { pod: PodIdentity; container: string; records: RecordBuffer }): Buffer {
  const resource = new WireWriter()
  writeAttributes(resource, 1, { ...resourceAttributes(group.pod, group.container), [historyAttribute]: true })
  const scopeName = group.container === sidecarContainer ? sidecarContainer : `shop/${group.pod.service}`
  const scope = new WireWriter().tag(1, lengthDelimited).string(scopeName).finish()
  const scoped = Buffer.concat([new WireWriter().tag(1, lengthDelimited).bytes(scope).finish(), group.records.bytes])
  const body = new WireWriter(scoped.length + 1024)
  body.tag(1, lengthDelimited).bytes(resource.finish()).tag(2, lengthDelimited).bytes(scoped)
  return new WireWriter(scoped.length + 1024).tag(1, lengthDelimited).bytes(body.finish()).finish()
}
