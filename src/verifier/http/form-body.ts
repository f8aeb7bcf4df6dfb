/**
 * Reads a body of bounded size. A declared length above the bound is refused unread; a body without
 * one is read piece by piece and dropped as soon as it is too long.
 */
import { Buffer } from 'node:buffer'
import type { HonoRequest } from 'hono'
import type { Rejection } from '../domain/rejection.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { parametersOf } from './parameters.ts'

/** Token, state (each character up to nine bytes when escaped) and signals fit twice. */
const FORM_BYTES = 16 * 1024

export async function readForm(request: HonoRequest): Promise<Result<URLSearchParams, Rejection>> {
  const text = await readText(request, FORM_BYTES)
  return text.ok ? ok(parametersOf(text.value)) : text
}

/** `most` in bytes. */
export async function readText(
  request: HonoRequest,
  most: number,
): Promise<Result<string, Rejection>> {
  const declared = request.header('content-length')
  if (declared !== undefined && Number(declared) > most) {
    return refuse({ code: 'body_too_large' })
  }
  try {
    // With a declared length the server reads no further, and needs no stream to be read through.
    if (declared !== undefined) return bounded(await request.text(), most)
    const { body } = request.raw
    return body === null ? ok('') : await readBounded(body, most)
  } catch {
    // The sender went away, or was too slow: nobody reads the answer, and it is no fault of ours.
    return refuse({ code: 'parameter_missing' })
  }
}

const bounded = (text: string, most: number): Result<string, Rejection> =>
  Buffer.byteLength(text) > most ? refuse({ code: 'body_too_large' }) : ok(text)

async function readBounded(
  body: ReadableStream<Uint8Array>,
  most: number,
): Promise<Result<string, Rejection>> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return ok(text + decoder.decode())
    bytes += value.byteLength
    if (bytes > most) {
      await reader.cancel()
      return refuse({ code: 'body_too_large' })
    }
    text += decoder.decode(value, { stream: true })
  }
}
