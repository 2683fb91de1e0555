import type { Hash, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { BaseCode } from '../../base/codes.ts';
import { ok, type Result } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { type ValidatorSet, validatorSetShape, validatorsHashOf } from '../../base/validators.ts';
import { certificateShape, decodeCertificate } from '../../consensus/certificate.ts';
import type { ConsensusCode } from '../../consensus/codes.ts';
import type { Certificate } from '../../consensus/engine.ts';
import { verifyFinality } from '../../consensus/finality.ts';
import { decodeHeaderOf } from '../../ledger/block.ts';
import type { LedgerEnv } from '../../ledger/chain.ts';
import { BLOCK_VERSION, type Header, headerHash, headerShape, readHeaderLink } from '../../ledger/header.ts';
import { type Finding, unknown, violated } from './verdict.ts';

/** A header with the signatures that made it final: whatever its roots bind is as certain as the quorum. */
export interface Sealed {
  readonly header: Header;
  readonly certificate: Certificate;
}

/** A header whose block changed the validator set, with that set: from the next height on it decides. */
export interface Handover extends Sealed {
  readonly nextSet: ValidatorSet;
}

const sealedFields = { header: headerShape, certificate: certificateShape };
export const sealedShape: shape.Shape<Sealed> = shape.struct(sealedFields);
export const handoverShape: shape.Shape<Handover> = shape.struct({ ...sealedFields, nextSet: validatorSetShape });

/** From a stored block and its certificate. */
export function sealedOf(stored: {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
}): Result<Sealed, BaseCode | ConsensusCode> {
  const header = decodeHeaderOf(stored.block);
  if (!header.ok) return header;
  const certificate = decodeCertificate(stored.certificate);
  return certificate.ok ? ok({ header: header.value, certificate: certificate.value }) : certificate;
}

/** A validator set and the heights that it decides. */
interface Term {
  readonly set: ValidatorSet;
  readonly hash: Hash;
  readonly from: number;
}

/** The validator sets that are known for certain: genesis's, and each that the one before handed over to. */
export class KnownSets {
  readonly #env: LedgerEnv;
  readonly #terms: Term[];

  /** `firstSet` is genesis's: it decides height 1. */
  constructor(env: LedgerEnv, firstSet: ValidatorSet) {
    this.#env = env;
    this.#terms = [this.#term(firstSet, 1)];
  }

  /** Takes the next hand-over, or says why it is none. They come in the order of their heights. */
  handOver({ nextSet, ...sealed }: Handover, field: string): Finding | null {
    const { header } = sealed;
    const unproven = this.check(sealed, field);
    if (unproven !== null) return unproven;
    const newest = this.#terms.at(-1) as Term;
    const next = this.#term(nextSet, header.height + 1);
    if (header.height < newest.from || !equal(header.nextValidatorsHash, next.hash))
      return violated(header.height, `${field}.nextSet`, 'offline.handover');
    this.#terms.push(next);
    return null;
  }

  /** That the validators of its height made this header final on this chain; null where they did. */
  check({ header, certificate }: Sealed, field: string): Finding | null {
    const { height } = header;
    const { primitives, chainId, genesis } = this.#env;
    const hash = headerHash(primitives, header);
    if (certificate.path.length === 0) {
      if (certificate.height !== height)
        return violated(height, `${field}.certificate.height`, 'offline.certificate-height');
      if (!equal(certificate.blockHash, hash)) return violated(height, `${field}.header`, 'offline.header-altered');
    }
    if (header.version !== BLOCK_VERSION) return unknown(height, `${field}.header.version`, 'block.version');
    if (!equal(header.chainId, chainId)) return violated(height, `${field}.header.chainId`, 'block.foreign-chain');
    if (certificate.engine !== genesis.engine)
      return violated(height, `${field}.certificate.engine`, 'offline.certificate-engine');
    const term = this.#termAt(height);
    if (term === undefined || !equal(term.hash, header.validatorsHash))
      return unknown(height, `${field}.header.validatorsHash`, 'offline.unknown-set');
    const verified = verifyFinality(primitives, chainId, term.set, { height, hash }, certificate, (bytes) =>
      readHeaderLink(primitives, bytes),
    );
    if (verified.ok) return null;
    const { code } = verified.rejection;
    // A seal and a depth are no proof (CLIQUE-9): what is final in another way cannot be told from one header.
    if (code === 'consensus-certificate.no-finality') return unknown(height, `${field}.certificate.engine`, code);
    return violated(height, `${field}.certificate`, code);
  }

  #termAt(height: Height): Term | undefined {
    return this.#terms.findLast(({ from }) => from <= height);
  }

  #term(set: ValidatorSet, from: number): Term {
    return { set, hash: validatorsHashOf(this.#env.primitives, set), from };
  }
}
