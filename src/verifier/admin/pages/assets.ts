/** The pages' one style sheet and one script, each under a name that changes with its content. */
import { createHash } from 'node:crypto'
import { BASE } from './paths.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

interface Asset {
  readonly name: string
  readonly type: string
  readonly text: string
}

const asset = (stem: string, extension: string, type: string, text: string): Asset => {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { name: `${stem}.${hash}.${extension}`, type, text }
}

const STYLE_SHEET = asset('admin', 'css', 'text/css; charset=utf-8', STYLE)
const SCRIPT_FILE = asset('admin', 'js', 'text/javascript; charset=utf-8', SCRIPT)

export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  [STYLE_SHEET, SCRIPT_FILE].map((file) => [file.name, file]),
)

const addressOf = ({ name }: Asset) => `${BASE}/assets/${name}`
export const STYLE_ADDRESS = addressOf(STYLE_SHEET)
export const SCRIPT_ADDRESS = addressOf(SCRIPT_FILE)
