import {
  durationField,
  field,
  functionField,
  integerField,
  isPlainObject,
  required,
  runtimeField,
  textField,
} from '../config/config-fields.ts'
import type { ConfigFields } from '../config/parse-config.ts'
import type { HttpTransportOptions } from './http-transport.ts'

export const httpConfig: ConfigFields<HttpTransportOptions> = {
  url: required(
    field(
      (value) => typeof value === 'string' && /^https?:\/\/[^/]/.test(value),
      'must begin with http:// or https:// and name a host',
    ),
  ),
  apiKey: field((value) => typeof value === 'string' || typeof value === 'function', 'must be a string or a function'),
  timeout: durationField(),
  retries: integerField(0),
  clientId: textField(),
  headers: field(
    (value) => isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string'),
    'must be an object of strings',
  ),
  fetch: functionField(),
  runtime: runtimeField(),
}
