import { startShop } from '../../../cli/demo/shop.ts'

/** A process that owns a shop and prints its processes; the test ends it without any warning. */
const [endpoint = '', cache = ''] = process.argv.slice(2)
const shop = await startShop({
  otlpEndpoint: endpoint,
  compileCache: cache,
  onCrash: error => process.stderr.write(`${error.message}\n`),
})
shop.open()
process.stdout.write(`${JSON.stringify(Object.values(shop.processes))}\n`)
