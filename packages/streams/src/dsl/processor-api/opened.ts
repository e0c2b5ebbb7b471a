import { InvalidRequestError } from '@kafkado/core'
import { type NodeContext, requireAnswer } from '../../processors/processor.ts'

type Called = (value: unknown, key: unknown) => unknown

/**
 * Takes the function from the result of a processor maker: either a function, or an object with one. The object is
 * closed with its task.
 *
 * @param method the name of the function in the object
 * @throws InvalidRequestError when it is neither
 */
export function opened(
  context: Pick<NodeContext, 'onClose'>,
  name: string,
  made: unknown,
  method: string,
  onClosed: () => void = () => undefined,
): Called {
  if (typeof made === 'function') {
    context.onClose(name, onClosed)
    return made as Called
  }
  const object = made as Record<string, Called> & { close?(): unknown }
  if (typeof object !== 'object' || object === null || typeof object[method] !== 'function')
    throw new InvalidRequestError(
      `${name}: its maker must return a function of value and key, or an object { ${method}, close }`,
    )
  context.onClose(name, () => {
    onClosed()
    if (object.close) requireAnswer(object.close(), `${name}: close()`)
  })
  return (value, key) => (object[method] as Called)(value, key)
}
