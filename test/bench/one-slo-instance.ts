import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningNinefold, startNinefold } from '../factories/ninefold.ts'
import { waitFor } from './processes.ts'

const specs = `apiVersion: openslo/v1
kind: Service
metadata: { name: bench }
spec: { description: Everything }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: all-requests }
spec:
  service: bench
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.99 }]
  indicator:
    metadata: { name: all-good }
    spec:
      ratioMetric:
        good: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'kind == "Server" && http.response.status_code < 500' } } }
        total: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'kind == "Server"' } } }
`

interface Pipeline {
  readonly bus: { readonly lagRecords: number }
}

/** `ninefold up` with one SLO over everything that the load generator sends; its folders are made below `folder`. */
export async function startWithOneSlo(folder: string): Promise<RunningNinefold> {
  const specFolder = mkdtempSync(join(folder, 'specs-'))
  writeFileSync(join(specFolder, 'slo.yaml'), specs)
  return startNinefold({ specs: specFolder, data: mkdtempSync(join(folder, 'data-')) })
}

/** Until every acknowledged payload is rows. */
export async function untilStored(instance: RunningNinefold): Promise<void> {
  await waitFor('rows of everything acknowledged', 600_000, async () => {
    const { bus } = (await instance.get('/api/v1/pipeline')) as unknown as Pipeline
    return bus.lagRecords === 0 ? true : undefined
  })
}
