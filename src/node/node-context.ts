import type { Address, SecretKey } from '../base/brand.ts';
import type { SignedVote } from '../consensus/vote.ts';
import type { LedgerEnv, Tip } from '../ledger/chain.ts';
import type { Parameters } from '../ledger/parameters.ts';
import type { StateReader } from '../ledger/state/table.ts';
import type { Network } from '../network/network.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import type { EnvelopeShelf } from './envelope-shelf.ts';
import type { FragmentKeeper } from './fragment-keeper.ts';
import type { GuardianKeeper } from './guardian-keeper.ts';
import type { NodeLogger } from './logger.ts';
import type { MadeShares } from './made-shares.ts';

/** What the duties of one hospital work with. */
export interface NodeContext {
  readonly env: LedgerEnv;
  readonly hospital: Address;
  readonly dutySecret: SecretKey;
  readonly chain: ChainStore;
  readonly blobs: BlobStore;
  readonly shelf: EnvelopeShelf;
  readonly keeper: FragmentKeeper;
  readonly guardians: GuardianKeeper;
  readonly shares: MadeShares;
  readonly network: Network;
  /** Hospitals that take part and are connected now: whom to ask. */
  connected(): readonly Address[];
  /** What a hospital voted last, as far as it was heard here. */
  newestVotesOf(hospital: Address): readonly SignedVote[];
  readonly logger: NodeLogger;
  /** The newest final state. */
  readonly state: StateReader;
  tip(): Tip;
  parameters(): Parameters;
}
