import type { Address, Height } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { GrantName } from './grant-coverage.ts';
import { NODE_LIMITS } from './limits.ts';

/** Who left fragments here, and how many grants of theirs may wait for their block: junk of one never shuts the others out. */
export interface Asker {
  readonly name: string;
  readonly pendingGrantsMax: number;
}

interface Pending {
  /** The height at which their fragments were stored. */
  readonly height: Height;
  /** Of the asker. */
  readonly name: string;
  readonly grant: GrantName;
}

/** Grants that no block holds yet, and that hold fragments here. */
export class PendingGrants {
  readonly #byId = new Map<string, Pending>();
  readonly #counts = new Map<string, number>();

  has(grantId: Uint8Array): boolean {
    return this.#byId.has(toHex(grantId));
  }

  /** For one more of this patient: a client of another hospital fills no more of that hospital's share than a client of this one. */
  hasRoom({ name, pendingGrantsMax }: Asker, patient: Address): boolean {
    return (
      (this.#counts.get(name) ?? 0) < pendingGrantsMax &&
      (this.#counts.get(partOf(name, patient)) ?? 0) < NODE_LIMITS.pendingGrantsPerPatientMax &&
      this.#byId.size < NODE_LIMITS.pendingGrantsMax
    );
  }

  add(grant: GrantName, height: Height, name: string): void {
    this.#drop(toHex(grant.grantId));
    this.#byId.set(toHex(grant.grantId), { height, name, grant });
    for (const counted of [name, partOf(name, grant.patient)])
      this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  /** A block holds the grant: its fragments wait no more. Whoever else uses the same id changes nothing for them. */
  arrived({ grantId, patient, grantee }: GrantName): void {
    const pending = this.#byId.get(toHex(grantId));
    if (pending !== undefined && equal(pending.grant.patient, patient) && pending.grant.grantee === grantee)
      this.#drop(toHex(grantId));
  }

  /** Takes out those that were stored before this height, up to `most` of them. */
  takeOlder(height: number, most: number): readonly GrantName[] {
    const taken: GrantName[] = [];
    for (const [id, pending] of this.#byId) {
      if (taken.length >= most) break;
      if (pending.height >= height) continue;
      this.#drop(id);
      taken.push(pending.grant);
    }
    return taken;
  }

  #drop(id: string): void {
    const pending = this.#byId.get(id);
    if (pending === undefined) return;
    this.#byId.delete(id);
    for (const counted of [pending.name, partOf(pending.name, pending.grant.patient)]) {
      const left = (this.#counts.get(counted) ?? 0) - 1;
      if (left > 0) this.#counts.set(counted, left);
      else this.#counts.delete(counted);
    }
  }
}

/** What one asker left for one patient. */
const partOf = (name: string, patient: Address): string => `${name}/${toHex(patient)}`;
