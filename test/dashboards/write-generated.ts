/** Rewrites dashboards/generated/ from the demo's specs: `node test/dashboards/write-generated.ts`. A test holds both equal. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { demoSpecs, generatedFiles } from './generated-files.ts'

const folder = new URL('../../dashboards/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, text] of generatedFiles(await demoSpecs())) writeFileSync(new URL(name, folder), text)
