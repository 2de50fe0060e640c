import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type Router } from 'express'

/** One file the viewer is made of, ready to be sent. */
interface Asset {
  readonly type: string
  readonly body: string
}

const staticFolder = fileURLToPath(new URL('./static/', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
}

/** The chart library as its package ships it: the only files of other packages that the viewer loads. */
const libraryFiles: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/library/uplot.js': ['dist/uPlot.esm.js', 'text/javascript; charset=utf-8'],
  '/library/uplot.css': ['dist/uPlot.min.css', 'text/css; charset=utf-8'],
}

/**
 * Serves the built-in page: its TypeScript with the types stripped (positions stay, so a browser's line numbers are ours), no bundler, an
 * explicit list of files. Every path of a page gets the same document, so that links can be shared.
 */
export function createViewer(): Router {
  const router = express.Router()
  const assets = readAssets()
  router.get(/^\/(assets|library)\/.+$/, (request, response, next) => {
    const asset = assets.get(request.path)
    if (asset === undefined) return next()
    response.set('content-type', asset.type).set('cache-control', 'no-cache').send(asset.body)
  })
  router.get(['/', '/slos/:name', '/alerts', '/pipeline', '/dashboards'], (_request, response, next) => {
    const page = assets.get('/assets/index.html')
    if (page === undefined) return next()
    response.set('content-type', page.type).set('cache-control', 'no-cache').send(page.body)
  })
  return router
}

function readAssets(): Map<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const file of existsSync(staticFolder) ? readdirSync(staticFolder) : []) {
    const type = types[extname(file)]
    if (type === undefined || file.endsWith('.d.ts')) continue
    const text = readFileSync(join(staticFolder, file), 'utf8')
    assets.set(`/assets/${file}`, { type, body: file.endsWith('.ts') ? stripTypeScriptTypes(text) : text })
  }
  const uplot = join(createRequire(import.meta.url).resolve('uplot/package.json'), '..')
  for (const [path, [file, type]] of Object.entries(libraryFiles)) {
    assets.set(path, { type, body: readFileSync(join(uplot, file), 'utf8') })
  }
  return assets
}
