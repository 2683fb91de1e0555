import type { Height, TimestampMs } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { BaseCode } from '../../base/codes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { LedgerEnv } from '../../ledger/chain.ts';
import type { LedgerCode } from '../../ledger/codes.ts';
import { createEnv, parseGenesis } from '../../ledger/genesis.ts';
import { genesisBlock } from '../../ledger/genesis-block.ts';
import { type ClaimName, checkClaim } from './claims.ts';
import { decodeProofFile, type ProofFile, type Statement } from './proof-file.ts';
import { KnownSets } from './sealed-header.ts';
import { type Finding, fieldBelow, type Holds, unknown, violated } from './verdict.ts';
import { checkRow, Witness } from './witness.ts';

/** A statement that was verified, in plain words. */
export interface Fact {
  readonly type: ClaimName;
  readonly height: Height;
  readonly timestampMs: TimestampMs;
  readonly text: string;
}

export type ProofVerdict = (Holds | Finding) & {
  /** What was proven: all of the file's statements, or, where one of them fails, nothing. */
  readonly statements: readonly Fact[];
};

/** Checks a proof file with nothing but the genesis file. */
export function verifyProofFile(primitives: Primitives, genesisText: string, bytes: Uint8Array): ProofVerdict {
  const verifier = createProofVerifier(primitives, genesisText);
  if (verifier.ok) return verifier.value(bytes);
  // Without a genesis that can be read there is nothing to hold the file to.
  const { rejection } = verifier;
  return { ...unknown(null, fieldBelow('genesis', rejection), rejection.code), statements: [] };
}

/** The same for many files of one chain: the genesis is read once. */
export function createProofVerifier(
  primitives: Primitives,
  genesisText: string,
): Result<(bytes: Uint8Array) => ProofVerdict, LedgerCode | BaseCode> {
  const genesis = parseGenesis(primitives, genesisText);
  if (!genesis.ok) return genesis;
  const env = createEnv(primitives, genesis.value);
  const firstSet = genesisBlock(env).execution.nextValidators;
  return ok((bytes) => {
    const facts = factsOf(env, firstSet, bytes);
    return 'verdict' in facts ? { ...facts, statements: [] } : { verdict: 'holds', statements: facts };
  });
}

function factsOf(env: LedgerEnv, firstSet: ValidatorSet, bytes: Uint8Array): readonly Fact[] | Finding {
  const file = decodeProofFile(bytes);
  if (!file.ok) return violated(null, fieldBelow('file', file.rejection), file.rejection.code);
  if ('unknownVersion' in file.value) return unknown(null, 'file.version', 'offline.unknown-version');
  if (!equal(file.value.chainId, env.chainId)) return violated(0 as Height, 'genesis', 'offline.foreign-genesis');

  const sets = new KnownSets(env, firstSet);
  for (const [index, handover] of file.value.handovers.entries()) {
    const finding = sets.handOver(handover, `handovers[${index}]`);
    if (finding !== null) return finding;
  }
  return checkStatements(env, sets, file.value);
}

function checkStatements(env: LedgerEnv, sets: KnownSets, file: ProofFile): readonly Fact[] | Finding {
  const facts: Fact[] = [];
  for (const [index, statement] of file.statements.entries()) {
    const fact = checkStatement(env, sets, statement, `statements[${index}]`);
    if ('verdict' in fact) return fact;
    facts.push(fact);
  }
  return facts;
}

function checkStatement(env: LedgerEnv, sets: KnownSets, statement: Statement, field: string): Fact | Finding {
  const { type, about, sealed, rows } = statement;
  const { header } = sealed;
  const { height, timestampMs } = header;
  const unproven = sets.check(sealed, `${field}.sealed`);
  if (unproven !== null) return unproven;
  for (const [index, row] of rows.entries()) {
    const checked = checkRow(env.primitives, header.stateRoot, row);
    if (!checked.ok) return violated(height, `${field}.rows[${index}]`, checked.rejection.code);
  }
  const state = new Witness(rows);
  const claimed = checkClaim({ env, header, state }, type, about);
  // An answer that asked for a row that is not shown is no answer, whichever it was.
  if (state.missing.size > 0) return violated(height, `${field}.rows`, 'offline.witness-incomplete');
  if (!claimed.ok) return violated(height, `${field}.about`, claimed.rejection.code);
  const superfluous = state.superfluous();
  if (superfluous >= 0) return violated(height, `${field}.rows[${superfluous}]`, 'offline.witness-superfluous');
  return { type, height, timestampMs, text: claimed.value };
}
