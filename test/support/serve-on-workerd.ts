/** The verifier of a round trip on workerd, behind what stands for the edge there. */
import type { Serve } from '../../src/cli/round-trip.ts'
import { type Place, startEdge } from './edge.ts'
import { startWorkerd } from './workerd.ts'

/** `file`: the built Worker. */
export function serveOnWorkerd(file: string, write: (line: string) => void): Serve {
  return async ({ DATABASE_URL = '', ...env }) => {
    const miniflare = startWorkerd({ file, databaseUrl: DATABASE_URL, env, write })
    try {
      const edge = await startEdge(await miniflare.ready, Number(env.RV_PORT), placeOf)
      return {
        port: edge.port,
        stop: async () => {
          await edge.close()
          await miniflare.dispose()
        },
      }
    } catch (error) {
      await miniflare.dispose()
      throw error
    }
  }
}

/** The same headers of the emulated browser that the verifier on Node is configured to believe. */
const placeOf: Place = ({ headers, socket }) => {
  const country = headers['x-test-country']
  return {
    ip: headers['x-forwarded-for']?.toString() ?? socket.remoteAddress,
    cf: country === undefined ? {} : { country },
  }
}
