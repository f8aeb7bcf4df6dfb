/** An explanation as the API sends it: snake_case, and null where something is absent. */
import type * as z from 'zod'
import type { explanation } from '../schema/admin-assessments.ts'
import type { ExplainedReason, ExplainedSignal, Explanation, Judged } from './explanation.ts'

type ExplanationDocument = z.input<typeof explanation>

export function explanationDocument(explained: Explanation): ExplanationDocument {
  const { outcome, assessed, score, mode, notes, thresholds, reasons, judged } = explained
  return {
    outcome,
    assessed,
    score,
    mode,
    policy_version: explained.policyVersion,
    needs_review: explained.needsReview,
    notes: [...notes],
    prior: explained.prior ?? null,
    thresholds: thresholds ?? null,
    reasons: reasons.map(reasonDocument),
    shadow_reasons: explained.shadowReasons.map(reasonDocument),
    shadow_versions: explained.shadowVersions.map(({ rules, ...verdict }) => ({
      ...verdict,
      rules: [...rules],
    })),
    judged: judged === undefined ? null : judgedDocument(judged),
  }
}

const reasonDocument = (reason: ExplainedReason): ExplanationDocument['reasons'][number] => ({
  rule: reason.rule,
  code: reason.code,
  kind: reason.kind,
  floor: reason.floor ?? null,
  evidence: reason.evidence ?? null,
  signals: reason.signals.map(signalDocument),
  condition: reason.condition ?? null,
  group: reason.group ?? null,
  line: reason.line ?? null,
})

const signalDocument = ({ name, value, meaning, unit }: ExplainedSignal) => ({
  name,
  value: isList(value) ? [...value] : value,
  meaning: meaning ?? null,
  unit: unit ?? null,
})

const isList = (value: ExplainedSignal['value']): value is readonly string[] => Array.isArray(value)

const judgedDocument = ({
  signals,
  unknown,
  outdone,
}: Judged): NonNullable<ExplanationDocument['judged']> => ({
  signals: signals.map((signal) => ({
    ...signalDocument(signal),
    family: signal.family,
    unknown_when: signal.unknownWhen,
    why: signal.why ?? null,
    rules: [...signal.rules],
  })),
  unknown: [...unknown],
  outdone: [...outdone],
})
