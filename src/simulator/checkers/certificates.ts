import type { Address, Hash, Height, Round, Signature } from '../../base/brand.ts';
import { compareBytes, equal, toHex } from '../../base/bytes.ts';
import { type Canonical, decode } from '../../base/canonical.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import { digestOfVote, leaderIndex, quorumSize } from './arithmetic.ts';
import type { CheckerOf, Commit, Vote } from './checker.ts';

const CERTIFICATE_BYTES_MAX = 65_536;

interface Signed {
  readonly validator: Address;
  readonly signature: Signature;
}

interface CertificateSeen {
  readonly engine: string;
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  readonly signatures: readonly Signed[];
  readonly path: readonly Uint8Array[];
}

interface HeaderFields {
  readonly height: number;
  readonly parentHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
}

/** clique: 2 in turn, 1 out of turn. Nobody has a turn in a set that it is not in. */
const difficulty = (set: ValidatorSet, height: number, sealer: Address): number =>
  equal(set[height % set.length]?.id as Address, sealer) ? 2 : 1;

/**
 * What makes a block final: ⌈2n/3⌉ distinct members of the set that decides its height, each with a good signature over one vote of one
 * round; in clique its builder's seal. A certificate that was checked is not checked again when the next node commits with the same bytes.
 */
export const certificates: CheckerOf = (world, report) => {
  const { primitives, chainId, engine } = world;
  const setAfter = new Map<string, ValidatorSet>([[toHex(world.hash), world.validators]]);
  const difficultyAfter = new Map([[toHex(world.hash), { round: 0, changedSet: false }]]);
  const checked = new Map<number, Uint8Array[]>();

  /** The votes' block: the one committed, or the last of a chain of headers that begins with its child. */
  const problemOfPath = ({ path, height, blockHash }: CertificateSeen, { block }: Commit): string | null => {
    let [at, lastHeight] = [block.hash, block.header.height];
    for (const bytes of path) {
      const read = decode(bytes, CERTIFICATE_BYTES_MAX);
      if (!read.ok) return 'a path that holds no header';
      const header = read.value as HeaderFields;
      if (toHex(header.parentHash) !== at || header.height !== lastHeight + 1) return 'a path that is no chain';
      if (!equal(header.validatorsHash, block.header.validatorsHash)) return 'a path across two validator sets';
      [at, lastHeight] = [toHex(primitives.hash(bytes)), header.height];
    }
    if (path.length > 0 && engine !== 'simplex') return 'a path, which this engine has not';
    return toHex(blockHash) === at && height === lastHeight ? null : 'votes for another block';
  };

  /** One signature of a certificate over the digest of a vote, and who may have made it. */
  const problemOfSignature = (digest: Hash, { validator, signature }: Signed, set: ValidatorSet): string | null => {
    const member = set.find(({ id }) => compareBytes(id, validator) === 0);
    if (member === undefined) return 'a signer from outside the set of its height';
    return primitives.verify(digest, signature, member.publicKey) ? null : 'a signature that does not hold';
  };

  const voteOf = ({ height, round, blockHash }: CertificateSeen, type: string): Vote => {
    const none = { preparedRound: null, preparedHash: null };
    return { chainId, engine, height, round, type, blockHash, ...none };
  };

  const problemOfQuorum = (certificate: CertificateSeen, set: ValidatorSet): string | null => {
    const { signatures } = certificate;
    const least = quorumSize(set.length);
    if (signatures.length < least) return `${signatures.length} signatures where ${least} are needed`;
    const signers = new Set(signatures.map(({ validator }) => toHex(validator)));
    if (signers.size < signatures.length) return 'one signer twice';
    const digest = digestOfVote(primitives, voteOf(certificate, engine === 'qbft' ? 'commit' : 'finalise'));
    for (const signed of signatures) {
      const problem = problemOfSignature(digest, signed, set);
      if (problem !== null) return problem;
    }
    return null;
  };

  /** clique: the builder's seal; behind it, where the block changes the set, acknowledgements that each name the one before. */
  const problemOfSeals = (certificate: CertificateSeen, set: ValidatorSet, { block }: Commit): string | null => {
    const [seal, ...acks] = certificate.signatures;
    if (seal === undefined || !equal(seal.validator, block.header.proposer)) return 'a foreign seal';
    const sealed = problemOfSignature(digestOfVote(primitives, voteOf(certificate, 'seal')), seal, set);
    if (sealed !== null) return sealed;
    const changesSet = !equal(block.header.validatorsHash, block.header.nextValidatorsHash);
    if (acks.length < (changesSet ? world.confirmationDepth : 0)) return `${acks.length} acknowledgements`;
    let { height, round, blockHash: before } = certificate;
    for (const ack of acks) {
      height = (height + 1) as Height;
      round = (round + difficulty(set, height, ack.validator)) as Round;
      // Each names the one before it, by the digest that was signed.
      const digest = digestOfVote(primitives, { ...voteOf(certificate, 'ack'), round, preparedHash: before });
      const problem = problemOfSignature(digest, ack, set);
      if (problem !== null) return problem;
      before = digest;
    }
    return null;
  };

  /** clique: difficulties add up along a chain; a new set begins far above. */
  const problemOfDifficulty = ({ round, signatures }: CertificateSeen, set: ValidatorSet, { block }: Commit) => {
    const parent = difficultyAfter.get(block.parent);
    const mine = difficulty(set, block.header.height, signatures[0]?.validator as Address);
    if (parent === undefined) return null;
    const fits = parent.changedSet ? round > parent.round + mine : round === parent.round + mine;
    return fits ? null : `difficulty ${round} on top of ${parent.round}`;
  };

  /** qbft: the leader of the votes' round, or of an earlier one, built the block. */
  const problemOfBuilder = ({ round }: CertificateSeen, set: ValidatorSet, { block }: Commit): string | null => {
    const { header } = block;
    if (engine !== 'qbft' || round >= set.length - 1) return null;
    for (let r = 0; r <= round; r++)
      if (equal(set[leaderIndex(set.length, header.height, r)]?.id as Address, header.proposer)) return null;
    return 'a builder who led no round so far';
  };

  const problemOf = (bytes: Uint8Array, commit: Commit): string | null => {
    const read = decode(bytes, CERTIFICATE_BYTES_MAX);
    if (!read.ok) return 'bytes that are none';
    const certificate = read.value as Canonical as unknown as CertificateSeen;
    if (certificate.engine !== engine) return 'another engine';
    const set = setAfter.get(commit.block.parent);
    if (set === undefined) return 'a parent that is not final';
    const inForm = problemOfPath(certificate, commit);
    if (inForm !== null || engine !== 'clique')
      return inForm ?? problemOfQuorum(certificate, set) ?? problemOfBuilder(certificate, set, commit);
    const { header, hash } = commit.block;
    const changedSet = !equal(header.validatorsHash, header.nextValidatorsHash);
    difficultyAfter.set(hash, { round: certificate.round, changedSet });
    return problemOfSeals(certificate, set, commit) ?? problemOfDifficulty(certificate, set, commit);
  };

  return {
    commit(commit) {
      const { height, block, effect } = commit;
      setAfter.set(block.hash, effect.execution.nextValidators);
      const held = checked.get(height) ?? [];
      if (held.some((bytes) => equal(bytes, effect.certificate))) return;
      checked.set(height, [...held, effect.certificate]);
      const problem = problemOf(effect.certificate, commit);
      if (problem !== null) report(`the certificate of block ${height} at node ${commit.node} has ${problem}`);
    },
  };
};
