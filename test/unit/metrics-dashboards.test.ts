/**
 * The dashboard, the alerts and the documentation against the metrics that there are: every expression
 * parses as PromQL, and names metrics, labels and values that the service can show.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  ANSWERS,
  FLOWS,
  METHODS,
  MODES,
  NONE,
  OTHER,
  OUTCOMES,
  PARTS,
  REJECTIONS,
  ROUTES,
  STORE_CODES,
} from '../../src/verifier/telemetry/labels.ts'
import { METRICS, type Metric } from '../../src/verifier/telemetry/metrics-table.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'examples/observability')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets: readonly {
    readonly expr: string
    readonly refId: string
    readonly legendFormat: string
  }[]
}
interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[]
  }
}
interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

const dashboard = JSON.parse(read('examples/observability/grafana-dashboard.json')) as Dashboard
const alerts = parse(read('examples/observability/alerts.yaml')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const rules = alerts.groups.flatMap((group) => group.rules)

/** What Grafana puts in before it asks. */
const asked = (expr: string) =>
  expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1d')
    .replaceAll('$tenant', 'acme')

interface Selector {
  readonly metric: string
  readonly matchers: readonly {
    readonly label: string
    readonly operator: string
    readonly value: string
  }[]
}

/** Faults of syntax, selectors, and the labels that results are grouped by. */
function readPromql(expr: string) {
  const faults: string[] = []
  const selectors: Selector[] = []
  const grouped: string[] = []
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }) =>
    expr.slice(from, to)
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError)
        faults.push(`at ${node.from}: ${expr.slice(node.from, node.from + 20)}`)
      if (node.name === 'GroupingLabels') {
        grouped.push(...node.node.getChildren('LabelName').map(textOf))
      }
      if (node.name !== 'VectorSelector') return
      const name = node.node.getChild('Identifier')
      const matchers =
        node.node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
      selectors.push({
        metric: name === null ? '' : textOf(name),
        matchers: matchers.map((matcher) => ({
          label: textOf(matcher.getChild('LabelName') ?? matcher),
          operator: textOf(matcher.getChild('MatchOp') ?? matcher),
          value: JSON.parse(textOf(matcher.getChild('StringLiteral') ?? matcher)) as string,
        })),
      })
    },
  })
  return { faults, selectors, grouped }
}

const ALL: readonly Metric[] = Object.values(METRICS)
const metricOf = (name: string) =>
  ALL.find((metric) =>
    metric.type === 'histogram'
      ? ['_bucket', '_sum', '_count'].some((suffix) => name === metric.name + suffix)
      : name === metric.name,
  )
/** Prometheus gives these to everything that it scrapes. */
const SCRAPED = ['job', 'instance']
const VALUES: Readonly<Record<string, ReadonlySet<string>>> = {
  method: METHODS,
  route: ROUTES,
  status: new Set(['2xx', '3xx', '4xx', '5xx']),
  outcome: OUTCOMES,
  assessed: OUTCOMES,
  mode: MODES,
  flow: FLOWS,
  answer: ANSWERS,
  part: PARTS,
}
const valuesOf = (metric: string, label: string) =>
  label === 'code' ? (metric.startsWith('rv_store') ? STORE_CODES : REJECTIONS) : VALUES[label]

/** What in an expression the service could never answer. */
function faultsOf(expr: string): string[] {
  const { faults, selectors, grouped } = readPromql(asked(expr))
  const known = new Set([...SCRAPED, 'le'])
  for (const { metric, matchers } of selectors) {
    if (metric === 'up') {
      for (const label of SCRAPED) known.add(label)
      continue
    }
    const found = metricOf(metric)
    if (found === undefined) faults.push(`there is no metric ${metric}`)
    for (const label of found?.labels ?? []) known.add(label)
    for (const { label, operator, value } of matchers) {
      if (SCRAPED.includes(label) || label === 'tenant') continue
      if (label === 'le') {
        if (value !== '+Inf' && !found?.buckets?.includes(Number(value)))
          faults.push(`${metric} has no bucket ${value}`)
        continue
      }
      if (!found?.labels.includes(label)) faults.push(`${metric} has no label ${label}`)
      const alternatives = operator.includes('~') ? value.split('|') : [value]
      const values = [...(valuesOf(metric, label) ?? []), OTHER, NONE]
      for (const each of alternatives) {
        const form = new RegExp(`^(?:${each})$`)
        if (!values.some((one) => form.test(one)))
          faults.push(`${metric}: ${label} is never ${each}`)
      }
    }
  }
  return [...faults, ...grouped.filter((label) => !known.has(label)).map((label) => `by ${label}`)]
}

describe('the reading of expressions', () => {
  it.each([
    ['an open bracket', 'sum(rate(rv_requests_total[5m])'],
    ['a range that is none', 'rate(rv_requests_total[5 parsecs])'],
    ['a metric that is not there', 'sum(rv_request_total)'],
    ['a histogram without its suffix', 'rv_request_duration_seconds'],
    ['a label that the metric lacks', 'rv_rejections_total{flow="login"}'],
    ['a value that never comes', 'rv_rejections_total{code="token_stolen"}'],
    ['one of several values that never comes', 'rv_rejections_total{code=~"token_spent|nothing"}'],
    ['a bucket that is not there', 'rv_session_token_age_seconds_bucket{le="7"}'],
    ['a grouping by nothing', 'sum by (nobody) (rv_rejections_total)'],
  ])('finds %s', (_, expr) => {
    expect(faultsOf(expr)).not.toEqual([])
  })

  it('takes what is right', () => {
    expect(
      faultsOf(
        'sum by (code, job) (rate(rv_rejections_total{code=~"token_.+"}[$__rate_interval]))',
      ),
    ).toEqual([])
  })
})

describe('the dashboard', () => {
  const targets = dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
  )

  it.each(targets)('$title: $expr', ({ expr, legendFormat }) => {
    expect(faultsOf(expr)).toEqual([])
    const { selectors, grouped } = readPromql(asked(expr))
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label)
    const whole = grouped.length === 0 && selectors.length === 1
    if (!whole) expect(grouped).toEqual(expect.arrayContaining(shown))
  })

  it('can be imported: a version, one id for each panel, places that do not overlap', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39)
    expect(dashboard.uid).toMatch(/^[a-z-]{1,40}$/)
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'tenant'])
  })

  it('shows every metric that there is', () => {
    const named = new Set(
      targets.flatMap(({ expr }) =>
        readPromql(asked(expr)).selectors.map(({ metric }) => metricOf(metric)?.name),
      ),
    )
    expect(ALL.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([])
  })
})

describe('an alert', () => {
  it.each(rules)('$alert', ({ alert, expr, labels, annotations }) => {
    expect(alert).toMatch(/^Verifier[A-Z][A-Za-z]+$/)
    expect(faultsOf(expr)).toEqual([])
    expect(['page', 'ticket']).toContain(labels.severity)
    const shown = [...annotations.summary.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(
      ([, label]) => label,
    )
    expect(readPromql(expr).grouped).toEqual(expect.arrayContaining(shown))
  })

  it('is tried out on series that are made up', () => {
    const text = read('examples/observability/alerts-test.yaml')
    const { rule_files, tests } = parse(text) as {
      readonly rule_files: readonly string[]
      readonly tests: readonly {
        readonly input_series: readonly { readonly series: string }[]
        readonly alert_rule_test: readonly {
          readonly alertname: string
          readonly exp_alerts?: readonly unknown[]
        }[]
      }[]
    }
    expect(rule_files).toEqual(['alerts.yaml'])
    const fired = tests.flatMap(({ alert_rule_test }) =>
      alert_rule_test.filter(({ exp_alerts }) => exp_alerts).map(({ alertname }) => alertname),
    )
    expect(rules.map(({ alert }) => alert).filter((alert) => !fired.includes(alert))).toEqual([])
    for (const { series } of tests.flatMap(({ input_series }) => input_series)) {
      expect(faultsOf(series)).toEqual([])
    }
  })

  it('stands in the documentation, with what to do', () => {
    const rows = read('docs/observability.md').matchAll(
      /^\| `(Verifier\w+)` \| .{10,} \| .{10,} \|$/gm,
    )
    expect([...rows].map(([, name]) => name)).toEqual(rules.map(({ alert }) => alert))
    expect(rules.length).toBeGreaterThan(10)
  })
})

it('the scrape example names the file of alerts and the job that they look for', () => {
  const config = parse(read('examples/observability/prometheus.yaml')) as {
    readonly rule_files: readonly string[]
    readonly scrape_configs: readonly { readonly job_name: string }[]
  }
  for (const file of config.rule_files) expect(existsSync(join(FOLDER, file))).toBe(true)
  expect(dirname(config.rule_files[0] ?? '')).toBe('.')
  const jobs = config.scrape_configs.map(({ job_name }) => job_name)
  const watched = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job),
  )
  expect(new Set(watched)).toEqual(new Set(jobs))
})

it('the documentation lists every metric with its type, its labels and its meaning', () => {
  const rows = [...read('docs/observability.md').matchAll(/^\| `((?:rv|process)_\w+)` \|.*$/gm)]
  const expected = ALL.map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${named} | ${help} |`
  })
  expect(rows.map(([row]) => row)).toEqual(expected)
})
