import { type Canonical, encode } from '../../base/canonical.ts';
import type { Explanation, PolicyTrace } from './explain.ts';
import { sentenceOf } from './sentence.ts';

/**
 * Who is told. The patient whose record it is, and whoever reviews, see clauses and values. Who asked and was denied learns one
 * sentence, the same for every denial: it tells neither category nor label, nor whether the record exists at all.
 */
export type Audience = 'patient' | 'reviewer' | 'requester';

/** What one audience is told. Of a denied requester's, nothing depends on policies, entities or gas. */
export interface Told {
  readonly allowed: boolean;
  readonly sentence: string;
  /** Ids of the policies that decided. */
  readonly reasons: readonly string[];
  readonly nearest: string | null;
  readonly policies: readonly PolicyTrace[];
}

const NOT_COVERED: Told = {
  allowed: false,
  sentence: 'No grant covers this request.',
  reasons: [],
  nearest: null,
  policies: [],
};

export function toldTo(audience: Audience, explanation: Explanation): Told {
  const { decision, policies, nearest } = explanation;
  const { allowed, reasons } = decision;
  const told = { allowed, sentence: sentenceOf(explanation), reasons, nearest, policies };
  if (audience !== 'requester') return told;
  return allowed ? { ...told, policies: [] } : NOT_COVERED;
}

/** Canonical bytes of what one audience is told: the same on every machine. */
export const toldBytes = (audience: Audience, explanation: Explanation): Uint8Array =>
  encode(toldTo(audience, explanation) as unknown as Canonical);

/** Canonical bytes of the whole explanation: decision, gas and trace. */
export const traceBytes = (explanation: Explanation): Uint8Array => encode(explanation as unknown as Canonical);
