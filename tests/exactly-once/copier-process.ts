// A copier in a process of its own, which a test kills.
import { http } from '@kafkado/core'
import { Copier } from './copier.ts'

const [url = '', id = ''] = process.argv.slice(2)
const copier = new Copier(http({ url, retries: 0, timeout: '2s' }), id)
process.on('SIGTERM', () => void copier.close())
await copier.run()
