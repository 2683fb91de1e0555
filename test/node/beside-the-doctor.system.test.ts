import { expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { type AddressBook, openChannel, resolveRecipients } from '../../src/client/channel.ts';
import { accountOfDisclosures } from '../../src/client/disclosures.ts';
import { openExternalReference, writeExternalReference } from '../../src/client/external-reference.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { recordHistory } from '../../src/client/history.ts';
import { hear, heardSince } from '../../src/client/notifications.ts';
import { grantsToReissue, ownStanding, reissueGrant } from '../../src/client/reissue.ts';
import { exportResearch } from '../../src/client/research.ts';
import { amendResource, openResource, writeResource } from '../../src/client/resource.ts';
import { accountOf } from '../../src/client/wallet.ts';
import { describeResource, type JsonMap } from '../../src/fhir/index.ts';
import type { Purpose } from '../../src/ledger/vocabulary.ts';
import { type Hospital, makeConsortium, primitives, RunningConsortium } from '../support/consortium.ts';
import { Devices } from '../support/device.ts';
import { accepted } from '../support/person.ts';
import { until } from '../support/until.ts';

type Person = Awaited<ReturnType<Devices['member']>>;

const HOUR_MS = 3_600_000;
const expires = () => Date.now() + HOUR_MS;
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;
const open = ({ session, wallet }: Person, record: Uint8Array, purpose: Purpose) =>
  openResource(session, wallet, { record, purpose });
const granteeOf = ({ wallet }: Person) => ({ type: 'person' as const, id: toHex(wallet.id) });
const ORDER = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  performer: [{ reference: 'Organization/laboratory' }],
};
const CLAIM = { resourceType: 'Claim', status: 'active', insurer: { reference: 'Organization/insurer' } };

it('orders reach their laboratory and claims their insurer, through four hospitals; the patient sees who got what', async () => {
  const running = await RunningConsortium.make(makeConsortium(4));
  await running.startAll();
  const devices = await Devices.at(running, [1, 2, 3, 4]);
  const [patient, doctor, laboratory, insurer, relative] = await Promise.all([
    devices.member('patient', 1),
    devices.member('practitioner', 2),
    devices.member('practitioner', 3),
    devices.member('payer', 4),
    devices.member('patient', 2),
  ]);
  const { session, wallet } = patient;
  const book: AddressBook = new Map([
    ['Organization/laboratory', laboratory.wallet.id],
    ['Organization/insurer', insurer.wallet.id],
  ]);
  const write = async (resource: JsonMap) => {
    const hint = describeResource(resource);
    const { recipients } = resolveRecipients(hint, book);
    const wish = { hint, recipients, author: doctor.wallet.id, expires: expires() };
    const { category } = accepted(await openChannel(session, wallet, wish));
    return accepted(await writeResource(doctor.session, doctor.wallet, { owner: wallet.id, category, resource }));
  };
  const order = await write(ORDER);
  const claim = await write(CLAIM);

  // Each opens at its own hospital what is meant for it, and nothing else; the insurer for payment alone (F40, F49).
  expect(accepted(await open(laboratory, order.record, 'TREAT')).resource).toEqual(ORDER);
  expect(accepted(await open(insurer, claim.record, 'HPAYMT')).resource).toEqual(CLAIM);
  for (const [who, record, purpose] of [
    [laboratory, claim.record, 'TREAT'],
    [insurer, order.record, 'HPAYMT'],
    [insurer, claim.record, 'TREAT'],
  ] as const)
    expect(codeOf(await open(who, record, purpose))).toBe('policy.denied');

  // What the patient enters, a pointer elsewhere, and a chain of versions (F38, F39, F41, F60).
  const { category } = accepted(await openCategory(session, wallet, 'general'));
  const own = { owner: wallet.id, category };
  const note = { resourceType: 'Observation', status: 'preliminary' };
  const first = accepted(await writeResource(session, wallet, { ...own, resource: note }));
  const revised = { ...note, status: 'final' };
  accepted(await amendResource(session, wallet, { ...own, record: first.record, version: 2, resource: revised }));
  expect(accepted(await open(patient, first.record, 'PATRQT'))).toMatchObject({ version: 2, isPatientAuthored: true });
  const versions = accepted(await recordHistory(session, first.record));
  expect(versions.map(({ provenance }) => provenance?.activity?.coding?.[0]?.code)).toEqual(['CREATE', 'UPDATE']);
  const reference = { url: 'https://archive.example/7', contentType: 'image/png', sha256: 'A'.repeat(43), title: '' };
  // A relative, who is nobody's doctor, checks the shares under keys that the grant lets him have proved (F42).
  const family = { purposes: ['FAMRQT' as const], access: 'read' as const, expires: expires(), uses: null };
  accepted(await grantAccess(session, wallet, { grantee: granteeOf(relative), labels: ['general'], ...family }));
  expect(accepted(await open(relative, first.record, 'FAMRQT'))).toMatchObject({ path: 'grant', resource: revised });
  const pointer = accepted(await writeExternalReference(session, wallet, { ...own, reference }));
  const found = await openExternalReference(session, wallet, { record: pointer.record, purpose: 'PATRQT' });
  expect(accepted(found).reference.url).toBe(reference.url);

  // The accounting names both recipients, with what the chain proves of them; reads that were denied are none (F47).
  const accounting = accepted(await accountOfDisclosures(session, 'https://hospital-1.example/fhir'));
  const toOthers = accounting.disclosures.filter(({ exemption }) => exemption !== 'to-the-individual');
  expect(toOthers.map(({ recipient, record, purpose }) => [recipient.id, record, purpose])).toEqual([
    [toHex(laboratory.wallet.id), toHex(order.record), 'TREAT'],
    [toHex(insurer.wallet.id), toHex(claim.record), 'HPAYMT'],
    [toHex(relative.wallet.id), toHex(first.record), 'FAMRQT'],
  ]);
  expect(JSON.stringify(accounting.bundle)).toContain(`Organization/${toHex(insurer.wallet.id)}`);

  // What happened since the beginning, and since then (F51).
  const heard = await heardSince(session, 0);
  const count = (name: string) => heard.notifications.filter((one) => one.name === name).length;
  expect([count('Admitted'), count('RecordSubmitted') >= 4, count('RecordRead') >= 4]).toEqual([1, true, true]);
  expect((await heardSince(session, heard.height)).notifications.map(({ name }) => name)).not.toContain('Admitted');
  await devices.close();
});

it('a hospital is suspended: its patient is told which grant to make again, and the reader reads on', async () => {
  const running = await RunningConsortium.make(makeConsortium(4, { parameters: { storageReceiptsMin: 1 } }));
  await running.start(1, 2, 3);
  const devices = await Devices.at(running, [1, 2]);
  const [patient, doctor] = await Promise.all([devices.member('patient', 1), devices.member('practitioner', 2)]);
  const { session, wallet } = patient;
  const { category } = accepted(await openCategory(session, wallet, 'general'));
  const { record } = accepted(await writeResource(session, wallet, { owner: wallet.id, category, resource: ORDER }));
  // Hospital 4 is away when the patient grants: the other three hold the grant, and all of them must answer.
  const terms = { purposes: ['TREAT' as const], access: 'read' as const, expires: expires(), uses: null };
  accepted(await grantAccess(session, wallet, { grantee: granteeOf(doctor), labels: ['general'], ...terms }));
  accepted(await open(doctor, record, 'TREAT'));
  expect(accepted(await grantsToReissue(session, wallet))).toEqual([]);

  await running.start(4);
  await running.reached(running.heightOf(1));
  const desks = [1, 2, 4].map((n) => {
    const { keys } = running.consortium.hospitals[n - 1] as Hospital;
    return devices.session(accountOf(primitives, keys.account), 1);
  });
  const hospital = (running.consortium.hospitals[2] as Hospital).id;
  const change = { change: 'setHospitalStatus', value: { hospital, status: 'suspended' } };
  const proposal = (await desks[0]?.send('propose', change))?.id as Uint8Array;
  for (const desk of desks)
    expect((await desk.send('vote', { proposal: proposal as never, choice: 'yes' })).receipt.outcome).toBe('applied');

  const [due] = accepted(await grantsToReissue(session, wallet));
  expect(due).toMatchObject({ reasons: ['below-threshold'], living: 2 });
  expect(accepted(await ownStanding(doctor.session, wallet.id, category))?.reasons).toEqual(['below-threshold']);
  await running.stop(3);
  expect((await open(doctor, record, 'TREAT')).ok).toBe(false);
  if (due === undefined) throw new Error('a grant to make again');

  const listening = new AbortController();
  const told = (async () => {
    const behind = { afterHeight: running.heightOf(2), signal: listening.signal };
    for await (const { notifications } of hear(doctor.session, behind))
      for (const { name, sentence } of notifications) if (name === 'GrantChanged') return sentence;
    return undefined;
  })();
  accepted(await reissueGrant(session, wallet, due.grant));
  expect(await told).toContain('What a patient lets you open has changed');
  listening.abort();
  expect(accepted(await grantsToReissue(session, wallet))).toEqual([]);
  const opened = await until(
    async () => {
      const again = await open(doctor, record, 'TREAT');
      return again.ok ? again.value : undefined;
    },
    { timeoutMs: 15_000, what: 'the doctor reads again' },
  );
  expect(opened.resource).toMatchObject(ORDER);
  await devices.close();
});

it('a table for research leaves the device of who was granted it, with small counts suppressed', async () => {
  const running = await RunningConsortium.make(makeConsortium(1, { parameters: { storageReceiptsMin: 1 } }));
  await running.startAll();
  const devices = await Devices.at(running, [1]);
  const researcher = await devices.member('practitioner', 1);
  const question = {
    classify: (resource: JsonMap) => ({ row: String(resource.code), column: 'all' }),
    rowsAre: 'diagnosis',
    columnsAre: 'everybody',
    smallest: 3,
  };
  const exported = () => exportResearch(researcher.session, researcher.wallet, question);
  expect(codeOf(await exported())).toBe('client-research.nothing-readable');
  const codes = ['asthma', 'asthma', 'asthma', 'asthma', 'gout', 'gout'];
  await Promise.all(
    codes.map(async (code, n) => {
      const patient = await devices.member('patient', 1);
      const { session, wallet } = patient;
      const { category } = accepted(await openCategory(session, wallet, 'general'));
      const resource = { resourceType: 'Condition', code };
      const { record } = accepted(await writeResource(session, wallet, { owner: wallet.id, category, resource }));
      // The last one grants for treatment alone, and is not counted.
      const purpose = n === codes.length - 1 ? ('TREAT' as const) : ('HRESCH' as const);
      const terms = { purposes: [purpose], access: 'read' as const, expires: expires(), uses: null };
      accepted(await grantAccess(session, wallet, { grantee: granteeOf(researcher), labels: ['general'], ...terms }));
      return record;
    }),
  );
  const { table, report, left } = accepted(await exported());
  expect(left).toEqual([]);
  expect(table.rows).toEqual(['asthma', 'gout']);
  // One gout is too few to tell, and what would give it away by subtraction is masked too.
  expect([table.counts[1], table.rowSums[1]]).toEqual([[null], null]);
  expect([table.counts[0]?.[0], table.sum].filter((count) => count !== null).length).toBeLessThan(2);
  expect(JSON.stringify(report)).not.toMatch(/[0-9a-f]{40}/);
  await devices.close();
});
