import { page as produces } from '../../pages/producer.mjs'
import { page as serves } from '../../pages/on-servers.mjs'

// Is carried out while the application is built, so that the build tells whether what was bundled works.
export const dynamic = 'force-static'

export async function GET() {
  const server = process.env['KAFKADO_SERVER']
  return Response.json({ used: (await produces(server)) && (await serves(server)) })
}
