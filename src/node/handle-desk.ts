import { randomBytes } from 'node:crypto';
import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { type Result, refuse } from '../base/result.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { type Evaluation, evaluateBlinded } from '../crypto/oprf/handle.ts';
import { enrolmentCommitment } from '../crypto/oprf/salt.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { handles, hospitals, participants } from '../ledger/state/tables.ts';
import type { HandleSecrets } from './handle-file.ts';
import { HourlyCount } from './hourly-count.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeLogger } from './logger.ts';

export interface HandleDeskParts {
  readonly primitives: Primitives;
  readonly hospital: Address;
  readonly state: StateReader;
  readonly logger: NodeLogger;
  readonly clock: () => number;
  readonly secrets: HandleSecrets | null;
  /** False for benchmarks on one machine, where one registrar enrols everybody. */
  readonly counts?: boolean;
}

/**
 * This hospital's part in handles of identifiers (docs/specification/handles.md). The API has authenticated who asks and asked the policies;
 * here each question is counted, per registrar and per hospital, and written down: nothing else slows down who tries out numbers.
 */
export class HandleDesk {
  readonly #parts: HandleDeskParts;
  readonly #questions = countsOf(
    NODE_LIMITS.handleQuestionsPerRegistrarHour,
    NODE_LIMITS.handleQuestionsPerHospitalHour,
  );
  readonly #lookUps = countsOf(NODE_LIMITS.handleLookUpsPerRegistrarHour, NODE_LIMITS.handleLookUpsPerHospitalHour);

  constructor(parts: HandleDeskParts) {
    this.#parts = parts;
  }

  /** HA-3. `holder`: whom the asker means; what it signed for another is not answered here. */
  evaluate(asker: Address, holder: number, blinded: PublicKey): Result<Evaluation> {
    const { primitives, secrets } = this.#parts;
    const share = secrets?.share ?? null;
    if (share === null || share.holder !== holder) return refuse('node-handles.no-share');
    if (!this.#count('handle question', this.#questions, asker)) return refuse('node-handles.too-many');
    const entropy = new Uint8Array(randomBytes(SCALAR_ENTROPY_BYTES));
    return evaluateBlinded(primitives, { holder, share: share.secret, entropy }, blinded);
  }

  /** Whether the asker may look up another handle; counts it. */
  mayLookUp(asker: Address): boolean {
    return this.#count('handle looked up', this.#lookUps, asker);
  }

  /**
   * Whom this hospital enrolled under a handle. Nobody else finds it: the chain has the commitment, and its salt takes a key of this hospital. Of a
   * handle that is not here it gives an id that stands for nobody, so that the policies are asked all the same and the answer takes as long.
   */
  enrolledUnder(handle: Hash): Address {
    const { primitives, hospital, secrets, state } = this.#parts;
    const commitment = enrolmentCommitment(primitives, secrets?.saltKey ?? NO_KEY, handle);
    return (handles.get(state, toHex(hospital), toHex(commitment)) ?? commitment.slice(0, 20)) as Address;
  }

  #count(event: string, counts: Counts, asker: Address): boolean {
    const { logger, clock, counts: isCounted = true } = this.#parts;
    const registrar = toHex(asker);
    const home = this.#homeOf(asker);
    const nowMs = clock();
    const allowed =
      !isCounted || (counts.perRegistrar.left(registrar, nowMs) > 0 && counts.perHospital.left(home, nowMs) > 0);
    if (!allowed) {
      logger.warn('handle question refused', { registrar, hospital: home });
      return false;
    }
    if (isCounted) {
      const ofHour = counts.perRegistrar.note(registrar, nowMs);
      counts.perHospital.note(home, nowMs);
      logger.info(event, { registrar, hospital: home, ofHour });
    }
    return true;
  }

  /** A hospital that makes itself many administrators asks no more often for it. */
  #homeOf(asker: Address): string {
    const { state } = this.#parts;
    const id = toHex(asker);
    return hospitals.get(state, id) === undefined ? toHex(participants.get(state, id)?.home ?? asker) : id;
  }
}

/** A node without secrets finds nobody, after the same work. */
const NO_KEY = new Uint8Array(32);

interface Counts {
  readonly perRegistrar: HourlyCount;
  readonly perHospital: HourlyCount;
}

function countsOf(ofRegistrar: number, ofHospital: number): Counts {
  const of = (limit: number) => new HourlyCount(limit, NODE_LIMITS.handleAskersMax);
  return { perRegistrar: of(ofRegistrar), perHospital: of(ofHospital) };
}
