/** The list of addresses that an application may be led to, with and without a wildcard. */
import { describe, expect, it } from 'vitest'
import { firstUrl, isAllowedUrl } from '../../src/emulator/tenant/allowed-urls.ts'

const WILD = 'https://*.example.com/callback'

describe('an allowed address', () => {
  it.each([
    ['itself', 'https://app.example.com/cb', 'https://app.example.com/cb'],
    ['a label in place of the wildcard', WILD, 'https://pr-17.example.com/callback'],
    ['plain http', 'http://*.example.com', 'http://a.example.com'],
    ['a port', 'http://*.app.localhost:3000/cb', 'http://a.app.localhost:3000/cb'],
    ['a prefix and a suffix', 'https://a-*-b.example.com', 'https://a-1-b.example.com'],
  ])('is met by %s', (_, pattern, url) => {
    expect(isAllowedUrl(['https://other.example', pattern], url)).toBe(true)
  })

  it.each([
    ['a longer path', WILD, 'https://a.example.com/callback/'],
    ['another protocol', WILD, 'http://a.example.com/callback'],
    ['no label', WILD, 'https://.example.com/callback'],
    ['two labels', WILD, 'https://a.b.example.com/callback'],
    ['the wildcard itself where it is a letter', WILD, 'https://*.example.com/other'],
    ['another host whose path looks alike', WILD, 'https://evil.test/.example.com/callback'],
    ['another host whose query looks alike', WILD, 'https://evil.test?.example.com/callback'],
    ['another host behind a back slash', WILD, 'https://evil.test\\.example.com/callback'],
    ['another host before a fragment', WILD, 'https://evil.test#.example.com/callback'],
    ['a user name', WILD, 'https://me@a.example.com/callback'],
    ['a line break', WILD, 'https://a\n.example.com/callback'],
    ['an address too short for both ends', 'https://a*a.example.com', 'https://a.example.com'],
    ['a wildcard of a whole domain', 'https://*.com', 'https://example.com'],
    ['a wildcard further on', 'https://sub.*.example.com', 'https://sub.a.example.com'],
    ['two wildcards', 'https://*.example.com/*', 'https://a.example.com/b'],
    ['a wildcard in the path', 'https://a.example.com/*', 'https://a.example.com/b'],
    ['a wildcard of an app', 'com.example.app://*.example.com', 'com.example.app://a.example.com'],
  ])('is not met by %s', (_, pattern, url) => {
    expect(isAllowedUrl([pattern], url)).toBe(false)
  })

  it('is no wildcard where somebody is led without having named one', () => {
    expect(firstUrl([WILD, 'https://app.example.com/cb'])).toBe('https://app.example.com/cb')
    expect(firstUrl([WILD])).toBeUndefined()
  })
})
