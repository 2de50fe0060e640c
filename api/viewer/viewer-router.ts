import { type Response, Router } from 'express'
import type { Viewer, ViewerFile } from './load-viewer.ts'

/** Addresses of pages; the page itself reads which one it is. */
const pages = ['/', '/slos/:name', '/ratios', '/ratios/:name', '/report', '/alerts', '/pipeline', '/dashboards']

/** The viewer's page at each of its addresses, and its files. It needs no token: it holds no data. */
export function viewerRouter(viewer: Viewer): Router {
  const router = Router({ caseSensitive: true })
  router.get(pages, (_request, response) => {
    response.locals.route = 'GET page'
    send(response, viewer.page)
  })
  router.use((request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const file = viewer.files.get(request.path)
    // Somebody at a browser gets the page, which says that there is nothing here; everybody else the problem document.
    if (file === undefined && request.headers.accept?.includes('text/html'))
      return send(response.status(404), viewer.page)
    if (file === undefined) return next()
    response.locals.route = 'GET file'
    send(response, file)
  })
  return router
}

function send(response: Response, file: ViewerFile): void {
  response.setHeader('Content-Type', file.contentType)
  response.send(file.body)
}
