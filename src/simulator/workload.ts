import type { Address, SecretKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { changeDelayOf } from '../ledger/parameters.ts';
import type { Clients } from './clients.ts';
import { changeOf } from './governance.ts';
import { People } from './people.ts';
import type { GovernanceStep, Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { storyOf } from './story.ts';
import { GENESIS_MS, type Hospital, type Town } from './town.ts';

export interface WorkloadSetting {
  readonly plan: Plan;
  readonly town: Town;
  readonly clients: Clients;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** The set that decides the next height, as clients have heard of it. */
  readonly validators: () => ValidatorSet;
  /** A hospital asks for its next validator key to be bound to it. */
  readonly nextKey: (node: number) => SecretKey;
  readonly proposed: (step: GovernanceStep) => void;
}

/** How often those who would propose look whether they may. */
const LOOK_MS = 1_000;
/** Heights that a proposal and its votes may take to reach the chain, where all is well. */
const VOTING_HEIGHTS = 6;
/** A vote that came too late is tried again. */
const ATTEMPTS_MAX = 3;

/** What people and hospitals do on the chain, while everything else breaks. */
export class Workload {
  readonly #setting: WorkloadSetting;
  readonly #people: People;

  constructor(setting: WorkloadSetting) {
    this.#setting = setting;
    this.#people = new People(setting.town);
  }

  start(): void {
    const { plan, town, scheduler, random } = this.#setting;
    const { stories, pauseMaxMs, governance } = plan.workload;
    for (let number = 0; number < stories; number++) {
      const story = storyOf({
        people: this.#people,
        number,
        hospitals: town.hospitals.slice(0, plan.validators),
        nowMs: () => scheduler.nowMs,
      });
      scheduler.after(random.integer(0, pauseMaxMs), () => this.#tell(story, 0));
    }
    this.#govern(governance, 0);
  }

  #tell(story: ReturnType<typeof storyOf>, at: number): void {
    const { clients, scheduler, random, plan } = this.#setting;
    const step = story[at];
    if (step === undefined) return;
    clients.send(step.person, step.kind, step.payload, () =>
      scheduler.after(random.integer(0, plan.workload.pauseMaxMs), () => this.#tell(story, at + 1)),
    );
  }

  #govern(steps: readonly GovernanceStep[], at: number): void {
    const { scheduler } = this.#setting;
    const step = steps[at];
    if (step === undefined) return;
    if (scheduler.nowMs < GENESIS_MS + step.atMs || !this.#isPossible(step)) {
      scheduler.after(LOOK_MS, () => this.#govern(steps, at));
      return;
    }
    this.#attempt(step, 1, () => this.#govern(steps, at + 1));
  }

  /** No removal below the size of the genesis: f must not fall below the faults of the plan. */
  #isPossible({ change, node }: GovernanceStep): boolean {
    const set = this.#setting.validators();
    const isMember = this.#keyOf(node) !== undefined;
    if (change === 'remove') return isMember && set.length > this.#setting.plan.validators;
    return change === 'add' ? !isMember : isMember;
  }

  /** Votes, waits for the height that the change names, and votes again where it has not come. */
  #attempt(step: GovernanceStep, number: number, done: () => void): void {
    const before = this.#keyOf(step.node);
    const activationHeight = this.#activationHeight();
    const look = () => {
      if (this.#setting.clients.height <= activationHeight) this.#setting.scheduler.after(LOOK_MS, look);
      else if (this.#keyOf(step.node) === before && number < ATTEMPTS_MAX) this.#attempt(step, number + 1, done);
      else done();
    };
    this.#propose(step, activationHeight, look);
  }

  /** One proposes, and every member votes yes; votes that come after it has passed fail, which harms nobody. */
  #propose(step: GovernanceStep, activationHeight: number, done: () => void): void {
    const { clients, town, random, proposed, validators, nextKey } = this.#setting;
    const members = town.hospitals.filter(({ id }) => validators().some((member) => equal(member.id, id)));
    // A key comes from its own hospital; who leaves is said by any.
    const proposing = step.change === 'remove' ? random.pick(members) : this.#hospital(step.node);
    const proposer = this.#people.account(proposing);
    proposed(step);
    const terms = {
      hospital: this.#idOf(step.node),
      key: step.change === 'remove' ? null : nextKey(step.node),
      activationHeight,
    };
    clients.send(
      proposer,
      'propose',
      () => changeOf(town, step, terms),
      (proposal) => {
        let waiting = members.length;
        const voted = () => {
          waiting--;
          if (waiting === 0) done();
        };
        for (const member of members)
          clients.send(this.#people.account(member), 'vote', () => ({ proposal, choice: 'yes' }), voted);
      },
    );
  }

  /** clique shows a block only once it is confirmed, and a change waits as long. */
  #activationHeight(): number {
    const { clients, town, plan } = this.#setting;
    const { parameters } = town.genesis;
    const unseen = plan.engine === 'clique' ? 2 * parameters.confirmationDepth : 0;
    return clients.height + VOTING_HEIGHTS + changeDelayOf(plan.engine, parameters) + unseen;
  }

  /** The key that the set names for a node, in text; undefined where it is no member. */
  #keyOf(node: number): string | undefined {
    const member = this.#setting.validators().find(({ id }) => equal(id, this.#idOf(node)));
    return member === undefined ? undefined : toHex(member.publicKey);
  }

  #idOf(node: number): Address {
    return this.#hospital(node).id;
  }

  #hospital(node: number): Hospital {
    return this.#setting.town.hospitals[node] as Hospital;
  }
}
