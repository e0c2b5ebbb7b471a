import { InvalidRequestError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { folderOfUrl } from './folder-of-url.ts'

describe('the folder of a file: URL', () => {
  it.each<[url: string, platform: string, folder: string]>([
    ['file:./data', 'linux', './data'],
    ['file:/data', 'linux', '/data'],
    ['file:///var/my%20data', 'linux', '/var/my data'],
    ['file:///C:/data', 'linux', '/C:/data'],
    ['file:///C:/my%20data', 'win32', 'C:/my data'],
    ['file:///d:/data', 'win32', 'd:/data'],
    ['file:C:\\data', 'win32', 'C:\\data'],
    ['file:.\\data', 'win32', '.\\data'],
    ['file:///data', 'win32', '/data'],
  ])('of %s on %s is %s', (url, platform, folder) => {
    expect(folderOfUrl(url, platform)).toBe(folder)
  })

  it.each(['file:', 'file:///%zz'])('is none in %s', (url) => {
    expect(() => folderOfUrl(url, 'linux')).toThrow(InvalidRequestError)
  })
})
