import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';

/**
 * The one form of a keyword, so that what is indexed is what is searched: compatibility composition (NFKC), lower case without a
 * locale, blanks joined. It runs on the patient's device alone; nothing on chain depends on it.
 */
export function normaliseKeyword(text: string): Result<string, CryptoCode> {
  // Lower case may leave marks out of their order, so the composition is done once more.
  const lower = text.normalize('NFKC').toLowerCase().normalize('NFKC');
  const keyword = lower.replace(/\s+/gu, ' ').trim();
  const { length } = keyword;
  // Half a surrogate pair has no UTF-8, so no two devices would agree on its bytes.
  if (length === 0 || length > CRYPTO_LIMITS.keywordCharactersMax || /\p{Surrogate}/u.test(keyword))
    return refuse('crypto-search.keyword-malformed', { characters: length });
  return ok(keyword);
}

/** A code of a FHIR Coding: system and code, which no free text is mistaken for. */
export const codeKeyword = (system: string, code: string): Result<string, CryptoCode> =>
  normaliseKeyword(`${system}|${code}`);
