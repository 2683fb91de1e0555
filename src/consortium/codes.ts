import { defineCodes } from '../base/result.ts';

/** Failures of the machinery that runs many nodes on one machine. */
export const CONSORTIUM_CODES = defineCodes({
  'consortium-process.spawn-failed': { status: 500, meaning: 'The operating system did not start the process.' },
  'consortium-process.name-taken': { status: 409, meaning: 'A process of this name runs already.' },
  'consortium-process.unknown': { status: 404, meaning: 'No process of this name runs.' },
  'consortium-process.too-many': { status: 429, meaning: 'As many processes run as one supervisor may have.' },
});
export type ConsortiumCode = keyof typeof CONSORTIUM_CODES;
