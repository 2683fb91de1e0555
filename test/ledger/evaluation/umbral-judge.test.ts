import { describe, expect, it } from 'vitest';
import type { Address, Hash, SecretKey } from '../../../src/base/brand.ts';
import {
  CAPSULE_BYTES,
  encodeEnvelope,
  envelopeCommitment,
  sealEnvelope,
  verifyEnvelope,
} from '../../../src/crypto/envelope.ts';
import { type IssuedFragment, issueFragments, openFragment } from '../../../src/crypto/grant-fragment.ts';
import { answerRead } from '../../../src/crypto/read-share.ts';
import type { DisputedShare } from '../../../src/ledger/evaluation/share-judge.ts';
import { judgeUmbralShare } from '../../../src/ledger/evaluation/umbral-judge.ts';
import { hash, primitives, secretOf } from '../town.ts';

const secret = (name: string): SecretKey => secretOf(name) as SecretKey;
const publicOf = (name: string) => primitives.publicKeyOf(secret(name));
const chainId = hash('chain');
const readId = hash('read');
const recordId = hash('record');
const grantId = hash('grant');
const cid = new Uint8Array(36).fill(7);
const salt = hash('salt') as Uint8Array;
const keyId = { category: new Uint8Array(16).fill(3), epoch: 0 };
const holders = [1, 2].map((n) => ({
  hospital: hash(`holder ${n}`).slice(0, 20) as Address,
  dutyKey: publicOf(`duty ${n}`),
}));
const keys = {
  verifyingPk: publicOf('signing'),
  delegatingPk: publicOf('delegating'),
  receivingPk: publicOf('receiving'),
};

function value<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

const envelopeOf = (version: number) =>
  value(
    sealEnvelope(primitives, {
      name: { chainId, recordId, version },
      keyId,
      cid,
      dataKey: hash('data key') as Uint8Array,
      delegatingKey: keys.delegatingPk,
      author: publicOf('author'),
      entropy: new Uint8Array([...hash(`entropy ${version}`), ...hash('nonce')]),
    }),
  );
const envelope = envelopeOf(1);
const bytes = encodeEnvelope(envelope);
const issued = value(
  issueFragments(primitives, {
    chainId,
    grantId,
    keyId,
    delegatingSecret: secret('delegating'),
    grantee: keys.receivingPk,
    signingSecret: secret('signing'),
    threshold: 2,
    holders,
    entropy: hash('issue') as Uint8Array,
  }),
);

/** A share of holder 1, made as given. */
function shareBy({ made = envelope, holder = 0, fresh = 'fresh', read = readId } = {}): Uint8Array {
  const { fragment, holder: hospital } = issued[holder] as IssuedFragment;
  const dutySecret = secret(`duty ${holder + 1}`);
  const kfrag = value(
    openFragment(primitives, { chainId, grantId, holder: hospital, keyId }, { fragment, dutySecret, keys }),
  );
  const capsule = value(verifyEnvelope(primitives, { chainId, cid }, made));
  const name = { chainId, readId: read, holder: holders[0]?.hospital as Address, freshKey: publicOf(fresh) };
  return value(answerRead(primitives, name, { capsule, kfrag, dutySecret, attempt: 0 }));
}

type Claim = DisputedShare['claim'];
function judge(share: Uint8Array, changes: Partial<Claim> = {}): string {
  const disputed = {
    chainId,
    readId,
    read: { freshKey: publicOf('fresh') },
    record: { envelopeHash: envelopeCommitment(primitives, salt, bytes) },
    keys,
    holder: holders[0]?.hospital,
    claim: {
      kind: 'wrong',
      share,
      freshSecret: secret('fresh'),
      capsule: bytes.slice(0, CAPSULE_BYTES),
      envelopeRest: primitives.hash(bytes.slice(CAPSULE_BYTES)),
      salt,
      fragmentIds: [issued[0]?.fragmentId as Hash],
      ...changes,
    },
  } as unknown as DisputedShare;
  const verdict = judgeUmbralShare(primitives, disputed);
  return verdict.ok ? verdict.value : verdict.rejection.code;
}

describe('the judge of a disputed share', () => {
  it('finds an honest share right', () => {
    expect(judge(shareBy())).toBe('right');
  });

  it.each<[string, () => Uint8Array]>([
    ['garbage', () => new Uint8Array(400)],
    ['of another record version', () => shareBy({ made: envelopeOf(2) })],
    ["by another holder's fragment", () => shareBy({ holder: 1 })],
    ['sealed to another key', () => shareBy({ fresh: 'other' })],
    ['of another read', () => shareBy({ read: hash('other read') })],
    ['with a flipped bit', () => shareBy().map((byte, i) => (i === 300 ? byte ^ 1 : byte))],
  ])('finds a share wrong that is %s', (_, share) => {
    expect(judge(share())).toBe('wrong');
  });

  it('is shown nothing by a claim that does not fit the record or the read', () => {
    const malformed = 'dispute.malformed-proof';
    const other = encodeEnvelope(envelopeOf(2));
    expect(judge(shareBy(), { salt: hash('other') })).toBe(malformed);
    expect(judge(shareBy(), { capsule: other.slice(0, CAPSULE_BYTES) })).toBe(malformed);
    expect(judge(shareBy(), { capsule: new Uint8Array(98) })).toBe(malformed);
    expect(judge(shareBy(), { envelopeRest: hash('other') })).toBe(malformed);
    for (const freshSecret of [secret('other'), new Uint8Array(32), new Uint8Array(32).fill(255)])
      expect(judge(shareBy(), { freshSecret })).toBe(malformed);
  });
});
