import { defineCodes } from '../base/result.ts';

/** Failures of the machinery that runs many nodes on one machine, and of the commands that a person gives it. */
export const CONSORTIUM_CODES = defineCodes({
  'consortium-process.spawn-failed': { status: 500, meaning: 'The operating system did not start the process.' },
  'consortium-process.name-taken': { status: 409, meaning: 'A process of this name runs already.' },
  'consortium-process.unknown': { status: 404, meaning: 'No process of this name runs.' },
  'consortium-process.too-many': { status: 429, meaning: 'As many processes run as one supervisor may have.' },

  'consortium-folder.incomplete': {
    status: 500,
    meaning: 'The data folder holds hospitals but no genesis file, or a genesis file but not every hospital.',
  },
  'consortium-folder.missing': { status: 404, meaning: 'There is no consortium in this data folder.' },
  'consortium-folder.in-use': { status: 409, meaning: 'Another process runs in this data folder.' },
  'consortium-folder.hospitals-differ': {
    status: 409,
    meaning: 'The consortium in this data folder has another number of hospitals: its genesis has decided that.',
  },
  'consortium-port.none-free': { status: 503, meaning: 'No free port was found from the one asked for upwards.' },
  'consortium-member.not-ready': { status: 504, meaning: "A hospital's node did not become ready; its log says why." },
  'consortium-chain.stalled': { status: 504, meaning: 'The chain finalised no block in time.' },

  'consortium-command.usage': { status: 400, meaning: 'The command line is not one that this program understands.' },
  'consortium-command.no-password': {
    status: 400,
    meaning: 'A password is needed: name a file with --password-file, or set CARECHAIN_PASSWORD.',
  },
  'consortium-command.file-exists': { status: 409, meaning: 'The file exists and is not overwritten.' },
  'consortium-command.file-missing': { status: 404, meaning: 'There is no such file.' },
  'consortium-command.no-candidate': { status: 400, meaning: 'The file holds no hospital that asks to join.' },
  'consortium-command.not-applied': {
    status: 409,
    meaning: 'A block holds the transaction, and it changed nothing.',
  },
  'consortium-handle.no-key': { status: 404, meaning: 'The genesis file of this consortium has no handle key.' },
  'consortium-policy.unreadable': { status: 400, meaning: 'A file cannot be read as what it should be.' },
  'consortium-policy.no-tests': { status: 404, meaning: 'The folder holds no test of policies.' },
  'consortium-command.unreachable': { status: 503, meaning: 'The API does not answer.' },
  'consortium-vectors.malformed': {
    status: 400,
    meaning: 'The file, or a suite in it, does not have the form of Umbral vectors.',
  },
  'consortium-vectors.too-large': { status: 413, meaning: 'The file of vectors is larger than its limit.' },
  'consortium-vectors.wrong': { status: 400, meaning: 'A value of the suite does not follow from the others.' },
  'consortium-demo.step-failed': { status: 500, meaning: 'A step of the demonstration did not go as it must.' },
});
export type ConsortiumCode = keyof typeof CONSORTIUM_CODES;
