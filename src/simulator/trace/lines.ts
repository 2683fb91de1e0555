import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { decode } from '../../base/canonical.ts';
import { digestOfVote } from '../checkers/arithmetic.ts';
import type { CommitEffect, Vote } from '../checkers/checker.ts';
import type { Observation, World } from '../observation.ts';
import { type Plain, plainOf } from './plain.ts';

/** docs/specification/trace.md. A reader refuses a version that it does not know. */
export const TRACE_VERSION = 1;
const CERTIFICATE_BYTES_MAX = 65_536;

export type Line = { readonly event: string } & { readonly [field: string]: Plain };

type Fields = { readonly [field: string]: Plain };
const split = ({ type, ...fields }: { readonly type: string }, hash: (bytes: Uint8Array) => Hash) => ({
  kind: type,
  ...(plainOf(fields, hash) as Fields),
});

/** The first line: everything that the rest is to be read with. */
export const headLine = (world: World, run: Fields): Line => ({
  event: 'trace',
  version: TRACE_VERSION,
  engine: world.engine,
  ...run,
  chainId: toHex(world.chainId),
  genesis: {
    blockHash: toHex(world.hash),
    timestampMs: world.header.timestampMs,
    stateRoot: toHex(world.header.stateRoot),
  },
  validators: world.validators.map(({ id, publicKey }) => ({ id: toHex(id), key: toHex(publicKey) })),
  confirmationDepth: world.confirmationDepth,
});

/** One observation as a line, without its time and node. `key` is the validator key of the node that it is about. */
export function lineOf(observation: Observation, world: World, key: string | null): Line {
  const hash = (bytes: Uint8Array) => world.primitives.hash(bytes);
  switch (observation.type) {
    case 'genesis':
      return { event: 'genesis' };
    case 'started': {
      const { honest, height, diskLost } = observation;
      return { event: 'start', key, honest, height, diskLost: diskLost === true };
    }
    case 'crashed':
      return { event: 'crash' };
    case 'input':
      return { event: 'input', ...split(observation.input, hash) };
    case 'effect': {
      const { effect } = observation;
      if (effect.type === 'commit') return commitLine(effect);
      if (effect.type === 'sign') return signLine(effect.payload, world, key);
      return { event: 'effect', ...split(effect, hash) };
    }
    case 'engine': {
      const { input, effects, rules } = observation;
      return { event: 'step', input, effects: effects.map((effect) => split(effect, hash)), rules };
    }
    case 'sample':
      return { event: 'sample', sizes: observation.sizes };
    case 'fault':
      return { event: 'fault', kind: observation.kind, detail: observation.detail };
    case 'quiet':
      return { event: 'quiet' };
  }
}

function commitLine({ height, hash, block, bytes, certificate, execution }: CommitEffect): Line {
  const read = decode(certificate, CERTIFICATE_BYTES_MAX);
  const { round, height: votedHeight, blockHash, signatures, path } = (read.ok ? read.value : {}) as Partial<Voted>;
  const { header } = block;
  return {
    event: 'commit',
    height,
    blockHash: toHex(hash),
    round: round ?? null,
    signers: (signatures ?? []).map(({ validator }) => toHex(validator)),
    votedHeight: votedHeight ?? null,
    votedHash: blockHash === undefined ? null : toHex(blockHash),
    pathHeaders: path?.length ?? 0,
    parentHash: toHex(header.parentHash),
    stateRoot: toHex(header.stateRoot),
    timestampMs: header.timestampMs,
    proposer: toHex(header.proposer),
    transactions: execution.transactions.map(({ id }) => toHex(id)),
    blockBytes: bytes.length,
  };
}

interface Voted {
  readonly round: number;
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly signatures: readonly { readonly validator: Uint8Array }[];
  readonly path: readonly Uint8Array[];
}

const signLine = (vote: Vote, { primitives }: World, key: string | null): Line => ({
  event: 'sign',
  key,
  height: vote.height,
  round: vote.round,
  type: vote.type,
  payloadHash: toHex(digestOfVote(primitives, vote)),
  blockHash: toHex(vote.blockHash),
  preparedRound: vote.preparedRound,
  preparedHash: vote.preparedHash === null ? null : toHex(vote.preparedHash),
});
