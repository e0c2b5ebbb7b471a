import { DisconnectedError } from '../errors/kafka-error.ts'
import { messageOf } from '../errors/message-of.ts'

/**
 * Loads code that a page needs only now.
 *
 * @param what tells people what needs it
 * @throws DisconnectedError when it cannot be loaded, for example without a network: retriable, and nothing was done
 */
export async function loadPart<P>(what: string, load: () => Promise<P>): Promise<P> {
  try {
    return await load()
  } catch (cause) {
    throw new DisconnectedError(`the code for ${what} cannot be loaded: ${messageOf(cause)}; is the page offline?`, {
      cause,
      outcome: 'failed',
    })
  }
}
