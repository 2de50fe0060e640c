import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

/** One file of the viewer as it goes over the wire. */
export interface ViewerFile {
  readonly contentType: string
  readonly body: Buffer
}

export interface Viewer {
  /** By URL path. Nothing else is ever read from disk: this map is the allow-list. */
  readonly files: ReadonlyMap<string, ViewerFile>
  /** The one page, which every address of the viewer answers with. */
  readonly page: ViewerFile
  /** `sha256-…` of the import map, the only inline script the content security policy lets through. */
  readonly importMapHash: string
}

const root = new URL('../../', import.meta.url)
const staticFolder = 'api/viewer/static/'

/** Pure modules of ours that the viewer shares, so that a number is rounded by the same code everywhere. */
const sharedModules = [
  'api/data-texts.ts',
  'api/period-picture.ts',
  'api/period-texts.ts',
  'compute/budget/calendar.ts',
  'compute/budget/format.ts',
  'compute/budget/period.ts',
  'lib/durations.ts',
  'slo-specs/schema/clocks.ts',
]

/** Modules keep their place under this prefix, so that their relative imports hold in the browser as they do on disk. */
const modulePrefix = '/modules/'

const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' } as const

/** Reads the viewer once: TypeScript with its types stripped, styles, and the chart library. */
export function loadViewer(options: { refreshSeconds: number; version: string }): Viewer {
  const files = new Map<string, ViewerFile>()
  const read = (path: string) => readFileSync(new URL(path, root))
  const names = readdirSync(fileURLToPath(new URL(staticFolder, root))).map(name => `${staticFolder}${name}`)
  for (const path of [...names, ...sharedModules]) {
    if (path.endsWith('.ts')) {
      const body = Buffer.from(stripTypeScriptTypes(read(path).toString()))
      files.set(`${modulePrefix}${path}`, { contentType: types.js, body })
    } else if (path.endsWith('.css') || path.endsWith('.svg')) {
      const contentType = path.endsWith('.css') ? types.css : types.svg
      files.set(`${modulePrefix}${path}`, { contentType, body: read(path) })
    }
  }
  const { resolve } = createRequire(import.meta.url)
  const chart = (name: string) => readFileSync(resolve(`uplot/dist/${name}`))
  files.set('/vendor/uplot.js', { contentType: types.js, body: chart('uPlot.esm.js') })
  files.set('/vendor/uplot.css', { contentType: types.css, body: chart('uPlot.min.css') })

  const template = read(`${staticFolder}index.html`).toString()
  const importMap = /<script type="importmap">([\s\S]*?)<\/script>/.exec(template)?.[1] ?? ''
  const page = template
    .replaceAll('{refreshSeconds}', String(options.refreshSeconds))
    .replaceAll('{version}', options.version.replaceAll(/[^\w.+-]/g, ''))
  return {
    files,
    page: { contentType: 'text/html; charset=utf-8', body: Buffer.from(page) },
    importMapHash: `sha256-${createHash('sha256').update(importMap).digest('base64')}`,
  }
}
