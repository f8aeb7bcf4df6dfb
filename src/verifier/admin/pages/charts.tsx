/**
 * Charts as SVG without a size of their own: places across are percentages, so that letters stay letters
 * on a phone. A chart is a picture with a name; its numbers stand in a table beneath it.
 */
import type { Child } from 'hono/jsx'
import type { Outcome } from '../../domain/decision.ts'
import { numberText, OUTCOME_WORDS, oddsText } from './format.ts'

export type Layer = Outcome | 'open'
export const LAYERS: readonly Layer[] = ['allow', 'step_up', 'deny', 'open']
export const LAYER_WORDS: Record<Layer, string> = { ...OUTCOME_WORDS, open: 'Open' }

export interface Bar {
  readonly label: string
  /** What the axis says beneath it; absent for most. */
  readonly tick?: string
  readonly values: Readonly<Partial<Record<Layer, number>>>
}

const HEIGHT = 208
const TOP = 18
const BASE = 180

const percent = (value: number) => `${Math.round(value * 1000) / 1000}%`

/** Decisions stacked per bar. Step-ups are hatched and denials crossed: it can be read without colours. */
export function StackedChart(props: { readonly label: string; readonly bars: readonly Bar[] }) {
  const { bars, label } = props
  const totals = bars.map(({ values }) =>
    LAYERS.reduce((sum, layer) => sum + (values[layer] ?? 0), 0),
  )
  const top = niceTop(Math.max(1, ...totals))
  const step = 100 / Math.max(1, bars.length)
  return (
    <svg class="chart" role="img" aria-label={label} height={HEIGHT}>
      <Patterns />
      <Grid values={[top, top / 2]} top={top} text={numberText} />
      {bars.map((bar, index) => (
        <g>
          {segments(bar, top).map(({ layer, y, height }) => (
            <>
              <rect
                class={`fill-${layer}`}
                x={percent(index * step + step * 0.12)}
                width={percent(step * 0.76)}
                y={y}
                height={height}
              />
              {layer === 'step_up' || layer === 'deny' ? (
                <rect
                  fill={`url(#${layer})`}
                  x={percent(index * step + step * 0.12)}
                  width={percent(step * 0.76)}
                  y={y}
                  height={height}
                />
              ) : null}
            </>
          ))}
          {bar.tick === undefined ? null : (
            <text x={percent(index * step + step * 0.12)} y={BASE + 18}>
              {bar.tick}
            </text>
          )}
        </g>
      ))}
      <line class="base" x1="0" x2="100%" y1={BASE} y2={BASE} />
    </svg>
  )
}

function segments({ values }: Bar, top: number) {
  let y = BASE
  return LAYERS.flatMap((layer) => {
    const value = values[layer] ?? 0
    if (value === 0) return []
    // What is there at all is seen: a single denial among thousands too.
    const height = Math.max(2, Math.round((value / top) * (BASE - TOP) * 10) / 10)
    y -= height
    return [{ layer, y: Math.round(y * 10) / 10, height }]
  })
}

const Patterns = () => (
  <defs>
    <pattern
      id="step_up"
      width="6"
      height="6"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <line class="hatch" x1="0" y1="0" x2="0" y2="6" />
    </pattern>
    <pattern id="deny" width="5" height="5" patternUnits="userSpaceOnUse">
      <line class="hatch" x1="0" y1="0" x2="5" y2="0" />
    </pattern>
  </defs>
)

export const Legend = ({ layers }: { readonly layers: readonly Layer[] }) => (
  <ul class="legend" aria-hidden="true">
    {layers.map((layer) => (
      <li>
        <svg aria-hidden="true">
          <rect class={`fill-${layer}`} width="100%" height="100%" />
          {layer === 'step_up' || layer === 'deny' ? (
            <rect fill={`url(#${layer})`} width="100%" height="100%" />
          ) : null}
        </svg>
        {LAYER_WORDS[layer]}
      </li>
    ))}
  </ul>
)

const Grid = (props: {
  readonly values: readonly number[]
  readonly top: number
  readonly text: (value: number) => string
}) => (
  <>
    {props.values.map((value) => {
      const y = BASE - (value / props.top) * (BASE - TOP)
      return (
        <>
          <line class="grid" x1="0" x2="100%" y1={y} y2={y} />
          <text x="0" y={y - 4}>
            {props.text(value)}
          </text>
        </>
      )
    })}
  </>
)

/** The next of 1, 2, 5, 10, 20 … that is even enough to be halved. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 4, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10
  return Math.max(2, factor * power)
}

/** Rates from 0 to 1 per bar. */
export function RateChart(props: {
  readonly label: string
  readonly bars: readonly { readonly tick?: string; readonly rate: number }[]
}) {
  const { bars, label } = props
  const highest = Math.max(0.01, ...bars.map(({ rate }) => rate))
  const top = [0.02, 0.05, 0.1, 0.2, 0.5, 1].find((candidate) => candidate >= highest) ?? 1
  const step = 100 / Math.max(1, bars.length)
  return (
    <svg class="chart" role="img" aria-label={label} height={HEIGHT}>
      <Patterns />
      <Grid
        values={[top, top / 2]}
        top={top}
        text={(value) => `${Math.round(value * 1000) / 10} %`}
      />
      {bars.map(({ rate, tick }, index) => (
        <g>
          <rect
            class="fill-step_up"
            x={percent(index * step + step * 0.12)}
            width={percent(step * 0.76)}
            y={BASE - (rate / top) * (BASE - TOP)}
            height={(rate / top) * (BASE - TOP)}
          />
          {tick === undefined ? null : (
            <text x={percent(index * step + step * 0.12)} y={BASE + 18}>
              {tick}
            </text>
          )}
        </g>
      ))}
      <line class="base" x1="0" x2="100%" y1={BASE} y2={BASE} />
    </svg>
  )
}

/** A part of the greatest one, as a bar beneath its number. */
export const ShareBar = ({ part, of }: { readonly part: number; readonly of: number }) => (
  <svg class="share" aria-hidden="true">
    <rect class="track" width="100%" height="100%" rx="3" />
    <rect class="part" width={percent(of === 0 ? 0 : (part / of) * 100)} height="100%" rx="3" />
  </svg>
)

/** Evidence to the right raises the risk, to the left lowers it; `most` is the width of either side. */
export function EvidenceBar(props: {
  readonly evidence: number
  readonly most: number
  readonly weak?: boolean
}) {
  const { evidence, most } = props
  const width = Math.min(50, (Math.abs(evidence) / most) * 50)
  return (
    <svg class="evidence" aria-hidden="true">
      <rect class="track" y="6" width="100%" height="8" rx="2" />
      <rect
        class={`${evidence < 0 ? 'lowers' : 'raises'}${props.weak ? ' weak' : ''}`}
        x={percent(evidence < 0 ? 50 - width : 50)}
        width={percent(width)}
        y="4"
        height="12"
        rx="2"
      />
      <line class="zero" x1="50%" x2="50%" y1="0" y2="20" />
    </svg>
  )
}

/** Where the score lies between the prior and the thresholds, as a line of log odds. */
export function ScoreScale(props: {
  readonly score: number
  readonly prior?: number
  readonly stepUp: number
  readonly deny: number | null
}) {
  const { score, prior, stepUp, deny } = props
  const marks = [
    score,
    stepUp,
    ...(prior === undefined ? [] : [prior]),
    ...(deny === null ? [] : [deny]),
  ]
  const low = Math.floor(Math.min(...marks)) - 1
  const high = Math.ceil(Math.max(...marks)) + 1
  const at = (value: number) => ((value - low) / (high - low)) * 100
  const label = `Score ${oddsText(score, false)}; step-up from ${oddsText(stepUp, false)}${
    deny === null ? '' : `; denial from ${oddsText(deny, false)}`
  }${prior === undefined ? '' : `; prior ${oddsText(prior, false)}`}`
  return (
    <svg class="scale" role="img" aria-label={label} height="104">
      <line class="axis" x1="0" x2="100%" y1="52" y2="52" />
      {prior === undefined ? null : (
        <>
          <line class="prior" x1={percent(at(prior))} x2={percent(at(prior))} y1="44" y2="60" />
          <Caption at={at(prior)} y={96}>
            prior {oddsText(prior, false)}
          </Caption>
        </>
      )}
      <line class="limit" x1={percent(at(stepUp))} x2={percent(at(stepUp))} y1="34" y2="70" />
      <Caption at={at(stepUp)} y={84}>
        step-up from {oddsText(stepUp, false)}
      </Caption>
      {deny === null ? null : (
        <>
          <line class="limit" x1={percent(at(deny))} x2={percent(at(deny))} y1="34" y2="70" />
          <Caption at={at(deny)} y={96}>
            denial from {oddsText(deny, false)}
          </Caption>
        </>
      )}
      <circle class="score" cx={percent(at(score))} cy="52" r="8" />
      <Caption at={at(score)} y={26} strong>
        score {oddsText(score, false)}
      </Caption>
    </svg>
  )
}

/** Words that stay within the picture: they begin, lie about or end at their place. */
const Caption = (props: {
  readonly at: number
  readonly y: number
  readonly strong?: boolean
  readonly children?: Child
}) => (
  <text
    x={percent(props.at)}
    y={props.y}
    class={props.strong ? 'strong' : ''}
    text-anchor={props.at < 30 ? 'start' : props.at > 70 ? 'end' : 'middle'}
  >
    {props.children}
  </text>
)
