import type { Primitives } from '../base/primitives.ts';
import { placeOf } from './places.ts';

/** Answers remembered at a time: more than a run has signatures. */
const ANSWERS_MAX = 32_768;
const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = 65;
const KEY_BYTES = 33;

/**
 * The same primitives, which work out only once whether a signature holds. Every node of a run asks that of the same bytes, and so do the
 * checkers: the answer follows from these bytes alone.
 */
export function verifiedOnce(base: Primitives): Primitives {
  const answers = new Map<string, boolean>();
  const question = new Uint8Array(DIGEST_BYTES + SIGNATURE_BYTES + KEY_BYTES);
  return {
    ...base,
    verify(digest, signature, publicKey) {
      const inForm = digest.length === DIGEST_BYTES && signature.length === SIGNATURE_BYTES;
      if (!inForm || publicKey.length !== KEY_BYTES) return base.verify(digest, signature, publicKey);
      question.set(digest);
      question.set(signature, DIGEST_BYTES);
      question.set(publicKey, DIGEST_BYTES + SIGNATURE_BYTES);
      const key = placeOf(question);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = base.verify(digest, signature, publicKey);
      if (answers.size >= ANSWERS_MAX) answers.clear();
      answers.set(key, answer);
      return answer;
    },
  };
}
