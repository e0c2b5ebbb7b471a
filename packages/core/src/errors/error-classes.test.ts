import { expect, it } from 'vitest'
import { errorClassOf, type KafkaErrorClass } from './error-classes.ts'
import * as errors from './kafka-error.ts'

const classes = Object.entries<unknown>(errors).filter((entry): entry is [string, KafkaErrorClass] =>
  Object.hasOwn(entry[1] as object, 'code'),
)

it('knows the errors', () => expect(classes.length).toBeGreaterThan(15))

it.each(classes)('finds %s by its code', (_, errorClass) => expect(errorClassOf(errorClass.code)).toBe(errorClass))
