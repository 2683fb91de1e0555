import { assert } from '../base/assert.ts';
import { equal, equalSecret, toHex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { ReadCode } from './codes.ts';
import type { AnswerInput, DelegationScheme, IssuedFragment, IssueInput, OpenInput } from './delegation.ts';
import { DIRECT_SCHEME, decodeEnvelope, openEnvelope, verifyEnvelope } from './envelope.ts';
import { encodeFragment, fragmentIdOf, openFragment, readFragment, sealFragment } from './grant-fragment.ts';
import { decodeShare, encodeShare, openShare, sealShare } from './read-share.ts';

/**
 * Scheme 'direct-v1': the patient's device opens the envelope and seals the data key to the grantee; each holder keeps a copy of
 * that one fragment. No holder can open it, and the holders still gate every read. What threshold re-encryption adds later: one
 * answering holder already carries the whole wrapped key, so `threshold` is a rule that the grantee's device keeps, not one
 * that the mathematics enforces; and each record needs a fragment of its own.
 */
export const directDelegation = (primitives: Primitives): DelegationScheme => ({
  name: DIRECT_SCHEME,
  issueFragments: (input) => issueFragments(primitives, input),
  answerRead: (input) => answerRead(primitives, input),
  open: (input) => open(primitives, input),
});

function issueFragments(primitives: Primitives, input: IssueInput): Result<readonly IssuedFragment[], ReadCode> {
  const { name, grantId, cid, delegatingSecret, grantee, holders, entropy } = input;
  if (holders.length > LIMITS.holdersMax) return refuse('crypto-fragment.too-many', { holdersMax: LIMITS.holdersMax });
  const envelope = decodeEnvelope(input.envelope);
  if (!envelope.ok) return envelope;
  const { recordId, version } = envelope.value;
  if (!equal(recordId, name.recordId) || version !== name.version) return refuse('crypto-fragment.wrong-binding');
  const authored = verifyEnvelope(primitives, { chainId: name.chainId, cid }, envelope.value);
  if (!authored.ok) return authored;
  const dataKey = openEnvelope(primitives, { chainId: name.chainId, delegatingSecret }, envelope.value);
  if (!dataKey.ok) return dataKey;
  const sealed = sealFragment(primitives, { name, grantId, grantee }, { dataKey: dataKey.value, entropy });
  if (!sealed.ok) return sealed;
  const fragment = encodeFragment(sealed.value);
  const fragmentId = fragmentIdOf(primitives, fragment);
  return ok(holders.map((holder) => ({ holder, fragmentId, fragment })));
}

function answerRead(primitives: Primitives, input: AnswerInput): Result<Uint8Array, ReadCode> {
  const { fragment, fragmentId, readId, holder, freshKey, entropy } = input;
  const known = readFragment(primitives, fragment, fragmentId);
  if (!known.ok) return known;
  const share = sealShare(primitives, { readId, holder, fragmentId, freshKey }, { fragment, entropy });
  return share.ok ? ok(encodeShare(share.value)) : share;
}

function open(primitives: Primitives, input: OpenInput): Result<Uint8Array, ReadCode> {
  const { shares, threshold } = input;
  assert(threshold >= 1 && threshold <= LIMITS.holdersMax, 'a grant names between 1 and holdersMax shares');
  if (shares.length > LIMITS.holdersMax) return refuse('crypto-share.too-many', { holdersMax: LIMITS.holdersMax });
  const keys = new Map<string, Uint8Array>();
  let firstRefusal = 'none';
  for (const answer of shares) {
    const dataKey = openAnswer(primitives, input, answer);
    if (dataKey.ok) keys.set(toHex(answer.holder), dataKey.value);
    else if (firstRefusal === 'none') firstRefusal = dataKey.rejection.code;
  }
  for (const candidate of keys.values()) {
    const agreeing = [...keys.values()].filter((key) => equalSecret(key, candidate)).length;
    if (agreeing >= threshold) return ok(candidate);
  }
  return refuse('crypto-share.too-few', { valid: keys.size, threshold, firstRefusal });
}

/** The data key that one answer leads to. */
function openAnswer(
  primitives: Primitives,
  { name, grantId, readId, freshSecret, receivingSecret }: OpenInput,
  { holder, fragmentId, share }: OpenInput['shares'][number],
): Result<Uint8Array, ReadCode> {
  const decoded = decodeShare(share);
  if (!decoded.ok) return decoded;
  const freshKey = primitives.publicKeyOf(freshSecret);
  const binding = { readId, holder, fragmentId, freshKey };
  const bytes = openShare(primitives, binding, { share: decoded.value, freshSecret });
  if (!bytes.ok) return bytes;
  const fragment = readFragment(primitives, bytes.value, fragmentId);
  if (!fragment.ok) return fragment;
  const grantee = primitives.publicKeyOf(receivingSecret);
  return openFragment(primitives, { name, grantId, grantee }, { fragment: fragment.value, receivingSecret });
}
