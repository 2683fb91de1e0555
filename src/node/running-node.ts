import type { NodeService } from '../api/service.ts';
import type { Address, Hash, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { engineOf } from '../consensus/engines.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { parameterRows } from '../ledger/state/tables.ts';
import type { NetworkHandlers } from '../network/network.ts';
import { durableBlock } from '../protocol/durable-block.ts';
import type { Replica } from '../protocol/replica.ts';
import { decodeStatus } from '../protocol/wire.ts';
import type { StateView } from '../storage/chain-store.ts';
import { AfterCommit } from './after-commit.ts';
import { answerRequest } from './answers.ts';
import { BlameBook } from './blame-book.ts';
import { Custody } from './custody.ts';
import { DutyDesk } from './duties.ts';
import { DutyCaller } from './duty-caller.ts';
import { type CommitEffect, type EffectPorts, EffectRunner } from './effect-runner.ts';
import { EnvelopeShelf } from './envelope-shelf.ts';
import { codeOfError, NodeError } from './errors.ts';
import { EventHub } from './events.ts';
import { FragmentKeeper } from './fragment-keeper.ts';
import { GuardianKeeper } from './guardian-keeper.ts';
import { GuardianDesk } from './guardian-service.ts';
import { HandleDesk } from './handle-desk.ts';
import { NODE_LIMITS } from './limits.ts';
import { MadeShares } from './made-shares.ts';
import { renderMetrics } from './metrics.ts';
import type { CarechainNode, Halt, NodeOptions } from './node.ts';
import type { NodeContext } from './node-context.ts';
import type { NodeData } from './open-data.ts';
import { OracleDesk } from './oracle-desk.ts';
import { OwnTransactions } from './own-transactions.ts';
import { PeerGate } from './peer-gate.ts';
import { PeerRoll } from './peer-roll.ts';
import { peersOf, touchesPeers } from './peers.ts';
import { ReadService } from './read-service.ts';
import { type Readiness, ReadinessWatch } from './readiness.ts';
import { RecordDuty } from './record-duty.ts';
import { RecordFetcher } from './record-fetch.ts';
import { Replicator } from './replicator.ts';
import { SearchDesk } from './search-desk.ts';
import { VoteSigner } from './second-lock.ts';
import { createService } from './service.ts';
import { SessionDesk } from './session-desk.ts';
import { Shredder } from './shredder.ts';
import { Submissions } from './submissions.ts';
import { askBlocks, askStatus } from './sync-answers.ts';
import { KEY_CHANGED, namedKeyOf, type VotingKey } from './voting-key.ts';

interface Opened extends NodeOptions {
  readonly clock: () => number;
  readonly env: LedgerEnv;
  readonly data: NodeData;
  readonly replica: Replica;
  readonly hospital: Address;
  readonly votingKey: VotingKey;
  /** The replica's view of the newest state. */
  readonly view: StateView;
}

/** The parts of a node, joined: the replica's effects on one side, the network's messages on the other, the duties between. */
export class RunningNode implements CarechainNode {
  readonly hospital: Address;
  readonly validatorKey: PublicKey;
  readonly service: NodeService;
  readonly halted: Promise<Halt>;
  readonly #opened: Opened;
  readonly #context: NodeContext;
  readonly #runner: EffectRunner;
  readonly #signer: VoteSigner;
  readonly #submissions: Submissions;
  readonly #events: EventHub;
  readonly #replicator: Replicator;
  readonly #afterCommit: AfterCommit;
  readonly #duties: DutyDesk;
  readonly #blames: BlameBook;
  readonly #roll: PeerRoll;
  readonly #watch = new ReadinessWatch();
  #view: StateView;
  /** The validator key that the set above the tip knows this hospital by. */
  #named: PublicKey | undefined;
  #synced = false;
  #peerPause: NodeJS.Timeout | undefined;
  #rejected = 0;
  #startedAtMs = 0;
  #state: 'made' | 'running' | 'stopped' = 'made';
  #stopping: Promise<void> | null = null;
  #resolveHalted: (halt: Halt) => void = () => {};

  constructor(opened: Opened) {
    const { data, env, hospital, replica, logger, network, clock } = opened;
    this.#opened = opened;
    this.hospital = hospital;
    this.validatorKey = opened.votingKey.publicKey;
    this.#view = opened.view;
    this.#named = namedKeyOf(replica.tip, hospital);
    this.#blames = new BlameBook(clock);
    this.#events = new EventHub(logger);
    this.#signer = new VoteSigner(env.primitives, engineOf(env.genesis.engine), opened.votingKey.secretKey);
    if (data.signing?.state) this.#signer.recorded(data.signing.state);
    this.halted = new Promise((resolve) => {
      this.#resolveHalted = resolve;
    });

    this.#roll = new PeerRoll(network);
    const context = contextOf(opened, this.#roll);
    const gate = new PeerGate();
    const fetcher = new RecordFetcher(context, gate);
    const caller = new DutyCaller(network, new PeerGate());
    const records = new RecordDuty(context, fetcher);
    const failed = (error: unknown): void => this.#fail(error);
    this.#context = context;
    this.#replicator = new Replicator(context, fetcher, failed);
    this.#duties = new DutyDesk(context, records);
    this.#runner = new EffectRunner(replica, this.#ports(), clock);
    this.#submissions = new Submissions(() => (this.#state === 'running' ? this.#runner : null));
    const own = new OwnTransactions(context, opened.keys.account, this.#submissions);
    const oracle = new OracleDesk(context, own, failed);
    const shredder = new Shredder(context);
    this.#afterCommit = new AfterCommit({ context, replicator: this.#replicator, shredder, oracle, failed });
    this.service = createService({
      context,
      replica,
      submissions: this.#submissions,
      events: this.#events,
      custody: new Custody(context, records, caller),
      reads: new ReadService(context, caller, fetcher),
      searches: new SearchDesk({ chainId: env.chainId, hospital }, data.searchIndexes),
      guardians: new GuardianDesk(context, caller),
      ...desksOf(opened, context),
      startedAtMs: () => this.#startedAtMs,
      failed,
      readiness: () => this.#readiness(),
      metrics: () => this.#metrics(),
    });
  }

  async start(): Promise<void> {
    if (this.#state !== 'made') throw new NodeError('node.stopped');
    const { network, clock, logger, replica } = this.#opened;
    this.#state = 'running';
    this.#startedAtMs = clock();
    this.#setPeers();
    this.#afterCommit.start();
    try {
      await network.start(this.#handlers());
    } catch (error) {
      await this.#end(codeOfError(error));
      throw error;
    }
    this.#watch.open();
    this.#runner.input({ type: 'started' });
    logger.info('node started', { hospital: this.hospital, height: replica.tip.header.height, signs: replica.signs });
  }

  stop(): Promise<void> {
    return this.#end('node.stopped');
  }

  #end(code: string): Promise<void> {
    this.#stopping ??= this.#close(code);
    return this.#stopping;
  }

  async #close(code: string): Promise<void> {
    const { network, data, logger } = this.#opened;
    this.#state = 'stopped';
    this.#watch.close(code);
    clearTimeout(this.#peerPause);
    const quiet = Promise.all([this.#replicator.stop(), this.#afterCommit.stop()]);
    await this.#runner.stop();
    this.#submissions.close();
    // What the background still waits for ends with the network.
    await network.stop();
    await quiet;
    this.#events.close();
    await this.#view.close().catch(() => {});
    await data.close();
    logger.info('node stopped', { hospital: this.hospital, code });
  }

  /** Broken machinery or a broken invariant: the node stops, and its next start verifies what the disk holds. */
  #fail(error: unknown): void {
    this.#halt(codeOfError(error), error instanceof Error ? error.message : '');
  }

  #halt(code: string, detail: string): void {
    if (this.#stopping !== null) return;
    this.#opened.logger.error('node halts', { code, detail });
    this.#leave({ code, detail });
  }

  #leave(halt: Halt): void {
    const done = (): void => this.#resolveHalted(halt);
    this.#end(halt.code).then(done, (error) => {
      this.#opened.logger.error('node did not close cleanly', { code: codeOfError(error) });
      done();
    });
  }

  /**
   * The set above the tip names this hospital by another key than the one that this node runs with: from here on that one votes for nothing.
   * Whoever runs the node opens its folder again, and the start takes the key that is named, if it is there.
   */
  #followKey(): void {
    const before = this.#named;
    const named = namedKeyOf(this.#opened.replica.tip, this.hospital);
    this.#named = named;
    if (named === undefined || equal(named, this.validatorKey) || this.#stopping !== null) return;
    if (before !== undefined && equal(named, before)) return;
    this.#opened.logger.info('the set names another key of this hospital: the node opens its folder again');
    this.#leave({ code: KEY_CHANGED, detail: '' });
  }

  #ports(): EffectPorts {
    const { network, data, logger } = this.#opened;
    return {
      network,
      persist: async (record) => {
        if (data.signing === null) throw new NodeError('node.unrecorded-vote');
        await data.signing.write(record);
        this.#signer.recorded(record);
      },
      sign: (vote) => this.#signer.sign(vote),
      commit: (effect) => this.#commit(effect),
      committed: (effect) => this.#committed(effect),
      requestBlocks: (effect) => askBlocks(network, effect),
      requestStatus: async (peer) => {
        const answer = await askStatus(network, peer);
        this.#heard(peer, answer.height);
        return answer;
      },
      blame: (peer, code) => this.#blame(peer, code),
      submitted: (ticket, results) => this.#submissions.answered(ticket, results),
      rejected: (_transactionId, code) => {
        this.#rejected++;
        logger.debug('transaction dropped', { code });
      },
      signingRefused: (code) => {
        this.#watch.refuseSigning(code);
        logger.error('this key signs no more: ask for its rotation', { code });
      },
      halt: (code, detail) => this.#halt(code, detail),
      failed: (error) => this.#fail(error),
    };
  }

  async #commit(effect: CommitEffect): Promise<StateView> {
    const { chain } = this.#context;
    await this.#afterCommit.room();
    await chain.commitBlock(durableBlock(effect, effect));
    const view = chain.view();
    if (!view.ok) throw new NodeError('node.failed', { height: effect.height });
    return view.value;
  }

  /** The replica has moved to the new view: the old one, and what was built upon it, is used no more. */
  #committed(effect: CommitEffect): void {
    const { height, hash, block, execution } = effect;
    const old = this.#view;
    this.#view = this.#opened.replica.tip.view as StateView;
    old.close().catch(() => {});
    if (touchesPeers(execution.changes)) this.#setPeers();
    this.#followKey();
    this.#afterCommit.committed(effect);
    this.#events.publish({
      height,
      blockHash: hash as Hash,
      timestampMs: block.header.timestampMs,
      receipts: execution.receipts,
      events: [
        ...execution.receipts.flatMap(({ transactionId, events }) =>
          events.map((event) => ({ ...event, transactionId })),
        ),
        // What the end of the block tells is about a transaction of an earlier one.
        ...execution.endEvents.map((event) => ({ ...event, transactionId: event.about as Hash })),
      ],
    });
    this.#opened.logger.debug('block final', { height, transactions: execution.receipts.length });
    if (!this.#synced && this.#readiness().ready) {
      this.#synced = true;
      this.#opened.network.forgetBootstrapPeers?.();
    }
  }

  #handlers(): NetworkHandlers {
    return {
      message: (from, channel, bytes) => {
        // What a peer sends is sent again, or synced; what our own disk must write is not.
        if (!this.#runner.overloaded) this.#runner.input({ type: 'message', from, channel, bytes });
      },
      request: (from, kind, body) =>
        answerRequest(this.#context, this.#duties, { from, kind, body }, (error) => this.#fail(error)),
      announcement: (from, bytes) => {
        const status = decodeStatus(bytes);
        if (!status.ok) return this.#blame(from, 'peer.malformed-message');
        this.#runner.input({ type: 'peerHeight', peer: from, height: this.#heard(from, status.value.height) });
      },
      peerConnected: (peer) => {
        this.#opened.logger.info('peer connected', { peer });
        if (!this.#roll.takesPart(peer)) return;
        this.#runner.input({ type: 'peerConnected', peer });
        this.#replicator.peerConnected();
      },
      peerDisconnected: (peer) => {
        this.#opened.logger.info('peer disconnected', { peer });
        this.#watch.disconnected(peer);
        this.#runner.input({ type: 'peerDisconnected', peer });
      },
    };
  }

  #heard(peer: Address, height: Height): Height {
    this.#watch.reported(peer, height);
    return height;
  }

  #blame(peer: Address, code: string): void {
    this.#opened.logger.warn('peer broke a rule', { peer, code });
    if (!this.#blames.blame(peer)) return;
    this.#opened.logger.error('peer dropped for a while', { peer, code });
    this.#setPeers();
    clearTimeout(this.#peerPause);
    this.#peerPause = setTimeout(() => this.#setPeers(), NODE_LIMITS.peerPauseMs + 1);
  }

  #setPeers(): void {
    const peers = peersOf(this.#opened.replica.tip.view, this.hospital, this.#opened.addresses);
    this.#opened.network.setPeers(peers.filter(({ hospital }) => !this.#blames.isPaused(hospital)));
    // Of one that was connected before it was voted in, the network says nothing new.
    for (const peer of this.#roll.set(peers)) this.#runner.input({ type: 'peerConnected', peer });
  }

  #readiness(): Readiness {
    const { replica } = this.#opened;
    return this.#watch.at(replica.tip.header.height, this.#roll.connected().length, this.#roll.others);
  }

  #metrics(): string {
    return renderMetrics({
      blames: this.#blames.total,
      afterCommitWaiting: this.#afterCommit.waiting,
      recordsMissing: this.#replicator.missing,
      subscribers: this.#events.size,
      rejected: this.#rejected,
      signs: this.#opened.replica.signs,
      network: this.#opened.network.metrics?.() ?? null,
    });
  }
}

function contextOf({ env, hospital, keys, data, network, logger, replica }: Opened, roll: PeerRoll): NodeContext {
  const { chain, blobs, envelopes, guardianShares } = data;
  const state = { get: (key: string) => chain.stateValue(key) };
  return {
    env,
    hospital,
    dutySecret: keys.duty,
    chain,
    blobs,
    shelf: new EnvelopeShelf(env.primitives, envelopes),
    keeper: new FragmentKeeper(envelopes, chain, state, () => replica.tip.header.timestampMs),
    guardians: new GuardianKeeper(guardianShares, state),
    shares: new MadeShares(),
    network,
    connected: () => roll.connected(),
    newestVotesOf: (peer) => replica.newestVotesOf(peer),
    logger,
    state,
    tip: () => replica.tip,
    parameters: () => parameterRows.get(state, 'parameters') ?? env.genesis.parameters,
  };
}

/** What a hospital does for who comes to it in person: sessions, and handles of identifiers. */
function desksOf({ clock, handleSecrets = null, countsHandles = true }: Opened, context: NodeContext) {
  const { env, dutySecret, hospital, state, logger } = context;
  const { primitives, chainId } = env;
  return {
    sessions: new SessionDesk({ primitives, chainId, dutySecret, clock }),
    handles: new HandleDesk({
      primitives,
      hospital,
      state,
      logger,
      clock,
      secrets: handleSecrets,
      counts: countsHandles,
    }),
  };
}
