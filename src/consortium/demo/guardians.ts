import type { Hash, SecretKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { openCategory } from '../../client/categories.ts';
import { type GuardiansSet, setGuardians } from '../../client/guardian-plan.ts';
import {
  approveGuardianship,
  giveShare,
  provenGuardianship,
  readLetter,
  requestGuardianship,
} from '../../client/guardianship.ts';
import type { Released } from '../../client/open-sealed-roots.ts';
import { createWallet } from '../../client/wallet.ts';
import { writeRecord } from '../../client/write-record.ts';
import type { GuardianPurpose } from '../../crypto/guardians.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../../crypto/keys.ts';
import { joinConsortium, must, type Person, personAt } from '../people.ts';
import { waitFor } from '../wait.ts';
import { CATEGORY, HOSPITAL_A, HOSPITAL_B, type Story } from './story.ts';

/** In a consortium of earnest it is days (`guardianMaturingMinMs`). */
export const MATURING_MS = 2_000;
const MATURE_TIMEOUT_MS = 20_000;
const GUARDIANS = 3;
const NEEDED = 2;

/** A patient with three guardians, of whom two are needed, and a record that the patient wrote. */
export interface Guarded {
  /** As the device has it that holds the account key now. */
  patient: Person;
  readonly guardians: readonly Person[];
  readonly plan: GuardiansSet;
  readonly record: Uint8Array;
  readonly content: Uint8Array;
}

export async function settleGuarded(story: Story): Promise<Guarded> {
  const person = (title: string, hospital: number): Person =>
    personAt(story, { title, role: 'patient', hospital, wallet: createWallet(story.device) });
  const patient = person('the guarded patient', HOSPITAL_A);
  const guardians = Array.from({ length: GUARDIANS }, (_, n) => person(`guardian ${n + 1}`, HOSPITAL_B));
  await Promise.all([
    joinConsortium(story, story.deskA, patient, 'demo|guarded'),
    ...guardians.map((one, n) => joinConsortium(story, story.deskB, one, `demo|guardian-${n + 1}`)),
  ]);
  const { session, wallet } = patient;
  must(await openCategory(session, wallet, CATEGORY), 'the guarded patient publishes a delegating key');
  const content = story.device.random(1_024);
  const input = { owner: wallet.id, category: wallet.categoryOf(CATEGORY), plaintext: content };
  const { record } = must(await writeRecord(session, wallet, input), 'the guarded patient writes a record');
  const list = { threshold: NEEDED, members: guardians.map((one) => one.wallet.id) };
  const wish = (purpose: GuardianPurpose) => ({ purpose, guardians: list, maturingMs: MATURING_MS });
  const plan = must(await setGuardians(session, wallet, [wish('recovery'), wish('acting')]), 'guardians are chosen');
  return { patient, guardians, plan, record, content };
}

/** What guardian number `n` keeps for a purpose. */
export function letterOf({ guardians, plan }: Guarded, purpose: GuardianPurpose, n: number) {
  const guardian = guardians[n - 1] as Person;
  const { session, wallet } = guardian;
  const found = plan.letters.find((one) => one.purpose === purpose && equal(one.guardian, wallet.id));
  return { guardian, letter: must(readLetter(session, wallet, found?.letter ?? new Uint8Array(0)), 'a letter opens') };
}

export interface AskedFor {
  readonly request: Hash;
  /** Of the key that shares are released to. */
  readonly secretKey: SecretKey;
}

/** The first guardian asks, the second approves: enough, and it begins to mature. */
export async function askAndApprove(story: Story, guarded: Guarded, purpose: GuardianPurpose): Promise<AskedFor> {
  const secretKey = scalarFromUniform(story.device.random(SCALAR_ENTROPY_BYTES));
  const key = story.device.primitives.publicKeyOf(secretKey);
  const first = letterOf(guarded, purpose, 1);
  const second = letterOf(guarded, purpose, 2);
  const asked = must(await requestGuardianship(first.guardian.session, first.letter, key), 'a guardian asks');
  must(await approveGuardianship(second.guardian.session, asked.id), 'a second guardian approves');
  return { request: asked.id, secretKey };
}

/** Waits until the chain's own time has come. */
export async function untilMatured(guarded: Guarded, { request }: AskedFor): Promise<number> {
  const { session } = guarded.guardians[0] as Person;
  const since = performance.now();
  await waitFor(
    async () =>
      must(await provenGuardianship(session, request), 'the request is proven').isMatured ? true : undefined,
    { timeoutMs: MATURE_TIMEOUT_MS, code: 'consortium-chain.stalled', what: 'an approval to mature' },
  );
  return Math.round(performance.now() - since);
}

/** What two guardians and the hospitals release, each by checking the chain. */
export async function collectReleases(
  story: Story,
  guarded: Guarded,
  purpose: GuardianPurpose,
  { request, secretKey }: AskedFor,
): Promise<Released> {
  const letters = [1, 2].map((n) => letterOf(guarded, purpose, n));
  const given = await Promise.all(
    letters.map(async ({ guardian: { session, wallet, title }, letter }) =>
      must(await giveShare(session, wallet, letter, request), `${title} gives the share`),
    ),
  );
  const [first] = letters as [ReturnType<typeof letterOf>];
  return {
    chainId: story.trust.chainId,
    request,
    kit: first.letter.kit,
    secretKey,
    guardians: given,
    hospitals: await first.guardian.session.api.releasedShares(request),
  };
}
