import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { type Canonical, decode, encode } from '../../../src/base/canonical.ts';
import { type ValidatorSet, validatorsHashOf } from '../../../src/base/validators.ts';
import { renderGenesis } from '../../../src/ledger/genesis.ts';
import { grantKeyOf } from '../../../src/ledger/grant-key.ts';
import { type Header, headerHash } from '../../../src/ledger/header.ts';
import { participants, records } from '../../../src/ledger/state/tables.ts';
import type { About, ClaimName } from '../../../src/protocol/offline/claims.ts';
import { PROOF_LIMITS } from '../../../src/protocol/offline/limits.ts';
import { makeAttemptStatement, makeStatement } from '../../../src/protocol/offline/make-proof.ts';
import { encodeProofFile, type Statement } from '../../../src/protocol/offline/proof-file.ts';
import { type Handover, type Sealed, sealedOf } from '../../../src/protocol/offline/sealed-header.ts';
import { createProofVerifier, verifyProofFile } from '../../../src/protocol/offline/verify-proof.ts';
import {
  category,
  certify,
  env,
  genesisOf,
  genesisText,
  grantee,
  hashOf,
  heightOf,
  idOf,
  primitives,
  record,
  smallChain,
} from './chain.ts';

const chain = smallChain();
const stepAt = (height: number) => chain.steps[height - 1] as (typeof chain.steps)[0];
const doctor = idOf('doctor');
const patient = idOf('patient');
const grantKey = grantKeyOf(grantee, category);

function unwrap<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

const sealedAt = (height: number): Sealed => unwrap(sealedOf(stepAt(height).entry));
const make = <K extends Exclude<ClaimName, 'attemptOutcome'>>(height: number, type: K, about: About<K>) =>
  makeStatement(env, sealedAt(height), stepAt(height).view, type, about);
const attempt = (height: number, index: number): Statement =>
  unwrap(makeAttemptStatement(env, stepAt(height).entry, index));

const verify = (statements: readonly Statement[], handovers: readonly Handover[] = []) =>
  verifyProofFile(primitives, genesisText, encodeProofFile(env.chainId, statements, handovers));

/** The one fact of one statement, or what was found. */
function factOf(statement: Statement): string {
  const { statements, ...verdict } = verify([statement]);
  return verdict.verdict === 'holds' ? (statements[0]?.text ?? '') : `${verdict.field}: ${verdict.code}`;
}

const couldRead = (height: number, allowed: boolean, purpose: 'TREAT' | 'HRESCH' = 'TREAT') =>
  make(height, 'couldRead', { principal: doctor, record, purpose, allowed });

describe('a proof file', () => {
  it('shows with the genesis alone that a record existed', () => {
    const text = factOf(unwrap(make(3, 'recordExisted', { record })));
    expect(text).toContain(`Record ${toHex(record)} existed at height 3: version 1, live, owner ${toHex(patient)}`);
  });

  it('shows a grant present, and absent before it was given and after it was revoked', () => {
    const about = { patient, grantKey };
    expect(factOf(unwrap(make(4, 'grantPresent', about)))).toContain('read for TREAT until block time');
    expect(factOf(unwrap(make(3, 'grantAbsent', about)))).toContain('had no grant');
    expect(factOf(unwrap(make(7, 'grantAbsent', about)))).toContain('had no grant');
  });

  it('shows that the doctor could not read, could, and could not again', () => {
    expect(factOf(unwrap(couldRead(3, false)))).toContain('could not read');
    expect(factOf(unwrap(couldRead(4, true)))).toContain('by practitioner-reads-under-grant');
    expect(factOf(unwrap(couldRead(4, false, 'HRESCH')))).toContain('could not read');
    expect(factOf(unwrap(couldRead(5, true)))).toContain('was allowed 1 reads');
    expect(factOf(unwrap(couldRead(7, false)))).toContain('no policy permitted it');
  });

  it('shows how many reads were allowed, none among the answers', () => {
    const about = { record, principal: doctor };
    expect(factOf(unwrap(make(4, 'readCount', { ...about, allowed: 0, lastHeight: null })))).toContain(
      'allowed 0 reads',
    );
    expect(factOf(unwrap(make(7, 'readCount', { ...about, allowed: 1, lastHeight: 5 })))).toContain('last at height 5');
  });

  it('shows what became of an attempt: applied, denied, failed', () => {
    expect(factOf(attempt(5, 0))).toContain('was applied at height 5');
    expect(factOf(attempt(3, 1))).toContain(`(readRecord of record ${toHex(record)})`);
    expect(factOf(attempt(3, 1))).toContain('was denied (policy.denied) at height 3');
    expect(factOf(attempt(7, 2))).toContain('was failed (record.exists) at height 7');
  });

  it('holds many statements of many heights, each with its height and time', () => {
    const statements = [unwrap(make(3, 'recordExisted', { record })), unwrap(couldRead(4, true)), attempt(7, 1)];
    const verdict = verify(statements);
    expect(verdict.verdict).toBe('holds');
    expect(verdict.statements.map(({ type, height, timestampMs }) => [type, height, timestampMs])).toEqual([
      ['recordExisted', 3, stepAt(3).block.header.timestampMs],
      ['couldRead', 4, stepAt(4).block.header.timestampMs],
      ['attemptOutcome', 7, stepAt(7).block.header.timestampMs],
    ]);
  });
});

describe('no statement is made', () => {
  it('that is not true', () => {
    const about = { patient, grantKey };
    const made = [
      make(2, 'recordExisted', { record }),
      make(3, 'grantPresent', about),
      make(4, 'grantAbsent', about),
      make(7, 'readCount', { record, principal: doctor, allowed: 2, lastHeight: 5 }),
      couldRead(3, true),
      couldRead(4, false),
    ];
    for (const statement of made) expect(statement).toMatchObject({ rejection: { code: 'offline.statement-false' } });
  });

  it('of another height than its state, of a pruned state, or of a transaction that is not there', () => {
    const { view } = stepAt(4);
    const about = { record };
    expect(makeStatement(env, sealedAt(3), view, 'recordExisted', about)).toMatchObject({
      rejection: { code: 'offline.wrong-height' },
    });
    const pruned = { height: view.height, root: view.root, get: view.get, tree: { node: () => undefined } };
    expect(makeStatement(env, sealedAt(4), pruned, 'recordExisted', about)).toMatchObject({
      rejection: { code: 'state.pruned' },
    });
    expect(makeAttemptStatement(env, stepAt(6).entry, 0)).toMatchObject({
      rejection: { code: 'offline.not-included' },
    });
  });
});

describe('a false statement is found', () => {
  const grantAbsent = unwrap(make(3, 'grantAbsent', { patient, grantKey }));
  const existed = unwrap(make(3, 'recordExisted', { record }));
  const allowed = unwrap(couldRead(4, true));
  const denied = attempt(3, 1);

  it('where it says the opposite of its rows', () => {
    expect(factOf({ ...grantAbsent, type: 'grantPresent' })).toBe('statements[0].about: offline.statement-false');
    expect(factOf({ ...allowed, about: { ...allowed.about, allowed: false } })).toContain('statement-false');
  });

  it('where its rows are of an earlier or later state', () => {
    for (const height of [2, 4, 5, 7])
      expect(factOf({ ...grantAbsent, sealed: sealedAt(height) })).toContain('state-proof.wrong-root');
  });

  it('where a row that the answer needs is left out: a hidden grant, a hidden policy', () => {
    for (const [index] of allowed.rows.entries())
      expect(factOf({ ...allowed, rows: allowed.rows.toSpliced(index, 1) })).toBe(
        'statements[0].rows: offline.witness-incomplete',
      );
  });

  it('where a value is another, missing, or made up', () => {
    const [row, ...rows] = existed.rows as [Statement['rows'][0], ...Statement['rows']];
    for (const value of [null, new Uint8Array(row.value ?? []).with(3, 1), new Uint8Array(0)])
      expect(factOf({ ...existed, rows: [{ ...row, value }, ...rows] })).toBe(
        'statements[0].rows[0]: offline.value-differs',
      );
    const [absent] = grantAbsent.rows as [Statement['rows'][0]];
    expect(factOf({ ...grantAbsent, rows: [{ ...absent, value: Uint8Array.of(1) }] })).toContain('value-differs');
  });

  it('where it is about something else than its rows', () => {
    expect(factOf({ ...existed, about: { record: hashOf('another record') } })).toContain('witness-incomplete');
    expect(factOf({ ...existed, about: {} })).toContain('shape.missing-field');
    expect(factOf({ ...existed, about: { record, more: 1 } })).toContain('shape.unknown-field');
  });

  it('where the receipt, the transaction or the place is not the one of the block', () => {
    const other = attempt(3, 0).about;
    const { about } = denied;
    const wrong = [
      { ...about, receipt: other.receipt },
      { ...about, receipt: other.receipt, receiptProof: other.receiptProof },
      { ...about, transaction: other.transaction },
      { ...about, transaction: other.transaction, transactionProof: other.transactionProof },
      { ...about, receiptProof: other.receiptProof },
      { ...about, receipt: encode([]) },
    ];
    for (const changed of wrong)
      expect(factOf({ ...denied, about: changed })).toBe('statements[0].about: offline.not-included');
    expect(factOf({ ...denied, sealed: sealedAt(5) })).toBe('statements[0].about: offline.not-included');
  });

  it('where too few validators signed, or signed another header', () => {
    const { header, certificate } = sealedAt(3);
    const few = { ...certificate, signatures: certificate.signatures.slice(1) };
    expect(factOf({ ...existed, sealed: { header, certificate: few } })).toBe(
      'statements[0].sealed.certificate: consensus-certificate.too-few',
    );
    for (const change of [{ stateRoot: hashOf('x') }, { timestampMs: (header.timestampMs + 1) as never }])
      expect(factOf({ ...existed, sealed: { header: { ...header, ...change }, certificate } })).toBe(
        'statements[0].sealed.header: offline.header-altered',
      );
    const strangers = certify(hashOf('another chain'), header.height, headerHash(primitives, header));
    expect(factOf({ ...existed, sealed: { header, certificate: strangers } })).toContain('bad-signature');
  });

  it('whichever byte of the file is flipped', () => {
    const bytes = encodeProofFile(env.chainId, [unwrap(make(3, 'grantAbsent', { patient, grantKey })), denied]);
    const verifyBytes = unwrap(createProofVerifier(primitives, genesisText));
    expect(verifyBytes(bytes).verdict).toBe('holds');
    const missed: unknown[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes).with(at, (bytes[at] as number) ^ (1 << (at % 8)));
      const { verdict, statements } = verifyBytes(changed);
      if (verdict === 'holds' || statements.length > 0) missed.push(at);
    }
    expect(missed).toEqual([]);
  });
});

describe('what cannot be told is unknown', () => {
  const existed = unwrap(make(3, 'recordExisted', { record }));
  const bytes = encodeProofFile(env.chainId, [existed]);

  it('for a file of another version, and a genesis that cannot be read', () => {
    const file = decode(bytes, PROOF_LIMITS.fileBytesMax);
    const next = encode({ ...(unwrap(file) as object), version: 2, more: 1 } as Canonical);
    expect(verifyProofFile(primitives, genesisText, next)).toMatchObject({
      verdict: 'unknown',
      code: 'offline.unknown-version',
    });
    expect(verifyProofFile(primitives, '{}', bytes)).toMatchObject({ verdict: 'unknown', height: null });
  });

  it('is no excuse for bytes that are no proof file, or of another chain', () => {
    for (const other of [new Uint8Array(0), bytes.slice(0, -1), encode({ kind: 'another', version: 2 }), encode([])])
      expect(verifyProofFile(primitives, genesisText, other)).toMatchObject({ verdict: 'violated', height: null });
    const foreign = renderGenesis(genesisOf('another consortium'));
    expect(verifyProofFile(primitives, foreign, bytes)).toMatchObject({
      verdict: 'violated',
      height: 0,
      field: 'genesis',
      code: 'offline.foreign-genesis',
    });
  });
});

describe('a change of the validator set', () => {
  const first = chain.tip.validators;
  const second: ValidatorSet = first.slice(1);
  const hashOfSet = (set: ValidatorSet) => validatorsHashOf(primitives, set);
  const seal = (height: number, change: Partial<Header>): Sealed => {
    const header = { ...stepAt(3).block.header, height: heightOf(height), ...change };
    return { header, certificate: certify(env.chainId, header.height, headerHash(primitives, header)) };
  };
  const handover: Handover = { ...seal(6, { nextValidatorsHash: hashOfSet(second) }), nextSet: second };
  const existed = unwrap(make(3, 'recordExisted', { record }));
  const later = (height: number): Statement => {
    const sealed = seal(height, { validatorsHash: hashOfSet(second) });
    const signatures = sealed.certificate.signatures.filter(({ validator }) =>
      second.some(({ id }) => toHex(id) === toHex(validator)),
    );
    return { ...existed, sealed: { ...sealed, certificate: { ...sealed.certificate, signatures } } };
  };

  it('is followed where the old set signed the hand-over', () => {
    expect(verify([later(8)]).verdict).toBe('unknown');
    expect(verify([later(8)], [handover]).verdict).toBe('holds');
    expect(verify([existed, later(8)], [handover]).verdict).toBe('holds');
  });

  it('ends what the old set may say, and begins no earlier than the next height', () => {
    expect(verify([{ ...existed, sealed: seal(8, {}) }], [handover])).toMatchObject({ code: 'offline.unknown-set' });
    expect(verify([later(6)], [handover])).toMatchObject({ code: 'offline.unknown-set' });
  });

  it('is taken once, in the order of heights', () => {
    expect(verify([later(8)], [handover, handover])).toMatchObject({ field: 'handovers[1].nextSet' });
  });

  it('is refused where the header binds another set', () => {
    expect(verify([later(8)], [{ ...handover, nextSet: first }])).toMatchObject({
      verdict: 'violated',
      field: 'handovers[0].nextSet',
      code: 'offline.handover',
    });
  });
});

describe('the witness of a read', () => {
  it('is every row that the decision read: who, what, each grant that could cover it, the policies', () => {
    const keys = unwrap(couldRead(4, true)).rows.map(({ key }) => key);
    expect(keys).toContain(participants.key(toHex(doctor)));
    expect(keys).toContain(records.key(toHex(record)));
    expect(keys).toContain(`grant/${toHex(patient)}/${grantKey}`);
    expect(keys).toContain('consortium/policies');
    const refused = unwrap(couldRead(3, false)).rows.filter(({ key }) => key.startsWith('grant/'));
    // The person's, the hospital's, the role's: none is there.
    expect(refused.map(({ value }) => value)).toEqual([null, null, null]);
  });

  it('fits into the limits of a proof file', () => {
    const { rows } = unwrap(couldRead(4, true));
    expect(rows.length).toBeLessThan(PROOF_LIMITS.rowsMax / 2);
    const many = Array.from({ length: PROOF_LIMITS.statementsMax }, () => attempt(3, 1));
    expect(verify(many).verdict).toBe('holds');
    expect(verify([...many, attempt(3, 1)])).toMatchObject({ verdict: 'violated', code: 'shape.out-of-range' });
    expect(verify([])).toMatchObject({ verdict: 'violated', code: 'shape.out-of-range' });
  });
});
