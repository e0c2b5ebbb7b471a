import { negatives } from '../place/negatives.ts'
import { request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** More connections than there may be. The neighbour has one of them. */

const asked = request('/v1', null)
const beyond = async (place: SecuredPlace) => {
  for (let count = 0; count < 4; count++) await place.connect()
  await place.serveNeighbour()
  return place.ask(asked)
}

negatives(
  'a connection is refused',
  [
    ['beyond those of its address', 429, 'THROTTLING_QUOTA_EXCEEDED', beyond, /maxConnectionsPerAddress/],
    ['beyond those of its address, again', 429, 'THROTTLING_QUOTA_EXCEEDED', beyond],
  ],
  { limits: { maxConnections: 100, maxConnectionsPerAddress: 5 } },
)
negatives(
  'a connection is refused that is',
  [
    ['beyond all', 503, 'OVERLOADED', beyond, /maxConnections/],
    ['beyond all, again', 503, 'OVERLOADED', beyond],
  ],
  { limits: { maxConnections: 5, maxConnectionsPerAddress: 50 } },
)
