import type { Hash, PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { concat } from '../../../src/base/bytes.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import type { Channel } from '../../../src/crypto/session/channel.ts';
import { accept, confirm, finish, initiate, type Party, respond } from '../../../src/crypto/session/handshake.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';

export const primitives = nativePrimitives();
export const chainId = bytesFrom('chain', 32) as Hash;
export const partyOf = (name: string): Party => ({ chainId, secret: bytesFrom(`secret of ${name}`, 32) as SecretKey });
export const keyOf = (name: string): PublicKey => primitives.publicKeyOf(partyOf(name).secret);
export const entropyOf = (label: string): Uint8Array => concat(bytesFrom(`${label} scalar`, 48), bytesFrom(label, 32));

export type Outcome<T> = { ok: true; value: T } | { ok: false; rejection: { code: string } };
export function value<T>(result: Outcome<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
}
export const refused = (code: string) => ({ ok: false, rejection: { code } });

/** The four messages, and what the way between may do to them. */
export type Way = (message: Uint8Array, step: 1 | 2 | 3 | 4) => Uint8Array;
const untouched: Way = (message) => message;

export interface Meeting {
  readonly patient: Channel;
  readonly hospital: Channel;
  /** Who the hospital believes that it speaks to. */
  readonly peer: PublicKey;
  readonly messages: readonly Uint8Array[];
}

export interface MeetingOptions {
  readonly label?: string;
  readonly patient?: Party;
  readonly hospital?: Party;
  /** Whom the patient means. */
  readonly expected?: PublicKey;
  readonly way?: Way;
  readonly patientPrimitives?: Primitives;
  readonly hospitalPrimitives?: Primitives;
}

/** A patient's device and a hospital's node, up to the first refusal. */
export function meet(options: MeetingOptions = {}): Outcome<Meeting> {
  const { label = 'meeting', patient = partyOf('patient'), hospital = partyOf('hospital') } = options;
  const { patientPrimitives: ours = primitives, hospitalPrimitives: theirs = primitives } = options;
  const way = options.way ?? untouched;
  const expected = options.expected ?? primitives.publicKeyOf(hospital.secret);
  const hello = initiate(ours, patient, expected, entropyOf(`${label} patient`));
  const reply = respond(theirs, hospital, entropyOf(`${label} hospital`), way(hello.message, 1));
  if (!reply.ok) return reply;
  const finished = finish(ours, hello.state, way(reply.value.message, 2));
  if (!finished.ok) return finished;
  const accepted = accept(theirs, reply.value.state, way(finished.value.message, 3));
  if (!accepted.ok) return accepted;
  const confirmed = confirm(finished.value.state, way(accepted.value.message, 4));
  if (!confirmed.ok) return confirmed;
  const messages = [hello.message, reply.value.message, finished.value.message, accepted.value.message];
  return {
    ok: true,
    value: { patient: confirmed.value, hospital: accepted.value.channel, peer: accepted.value.peer, messages },
  };
}
