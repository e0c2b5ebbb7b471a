import { http } from '@kafkado/core'
import { createAdmin } from '@kafkado/admin'

const transport = http({ url: process.env['KAFKADO_SERVER'] })
const admin = createAdmin(transport)
await admin.createTopic('of-admin', { partitions: 2 })
const { partitions } = await admin.describeTopic('of-admin')
await admin.deleteTopic('of-admin')
await transport.close()
console.log(partitions === 2 ? 'used' : partitions)
