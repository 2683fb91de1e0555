import { relative } from 'node:path';
import { DEMO_PASSWORD, type DemoAccount } from './accounts.ts';
import type { Consortium, Hospital } from './consortium.ts';
import { accountsFolder, genesisPath } from './layout.ts';

/** What a person needs to know of a running consortium. The first address in it is hospital 1's API. */
export function banner(consortium: Consortium, accounts: readonly DemoAccount[]): string {
  const shown = (path: string): string => relative(process.cwd(), path) || '.';
  const api = consortium.api(1);
  return [
    `Carechain: ${consortium.hospitals.length} hospitals run on this machine.`,
    '',
    ...consortium.hospitals.flatMap((hospital) => linesOf(hospital, shown(hospital.folder))),
    '',
    `Demo accounts (key files in ${shown(accountsFolder(consortium.data))}, password "${DEMO_PASSWORD}"):`,
    ...accounts.map(
      ({ title, role, hospital, id }) => `  ${title.padEnd(10)}${role.padEnd(14)}Hospital ${hospital}   ${id}`,
    ),
    '',
    'Try next, in another terminal:',
    `  npm run --silent carechain -- status --api ${api}`,
    `  npm run --silent carechain -- demo`,
    `  curl ${api}/v1/blocks/latest`,
    `  open ${api}/docs in a browser`,
    `  CARECHAIN_PASSWORD=${DEMO_PASSWORD} npm run --silent carechain -- record put README.md --key ${shown(accountsFolder(consortium.data))}/patient.json --genesis ${shown(genesisPath(consortium.data))} --node ${api}`,
    `and, now or once this has ended:`,
    `  npm run --silent carechain -- export --data ${shown(consortium.data)} --hospital 1 chain.car`,
    `  npm run --silent carechain -- verify chain.car --genesis ${shown(genesisPath(consortium.data))}`,
  ].join('\n');
}

function linesOf({ name, tier, isValidator, ready }: Hospital, folder: string): readonly string[] {
  const role = isValidator ? 'validator' : 'follows, does not vote';
  return [
    `  ${name}  (${tier}, ${role})`,
    `    API    ${ready?.api ?? 'not running'}`,
    `    peer   ${ready?.peerId ?? '-'}`,
    `    data   ${folder}`,
  ];
}

/** The same for programs. */
export const bannerFacts = (consortium: Consortium, accounts: readonly DemoAccount[]): object => ({
  event: 'ready',
  hospitals: consortium.hospitals.map(({ number, name, tier, isValidator, folder, ready }) => ({
    number,
    name,
    tier,
    role: isValidator ? 'validator' : 'follower',
    api: ready?.api,
    peerId: ready?.peerId,
    id: ready?.hospital,
    data: folder,
  })),
  accounts: accounts.map(({ admitted: _, ...account }) => ({ ...account, password: DEMO_PASSWORD })),
  genesis: genesisPath(consortium.data),
});
