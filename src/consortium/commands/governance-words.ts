import type { ChangeName } from './governance.ts';

/** What `carechain governance propose` can ask for, as its help says it. */
export interface ProposalWords {
  readonly name: ChangeName;
  readonly description: string;
  /** Its arguments, with what they mean. */
  readonly words: readonly (readonly [word: string, about: string])[];
}

const HOSPITAL = ['<hospital>', 'its id, or its name'] as const;

export const PROPOSALS: readonly ProposalWords[] = [
  {
    name: 'admit',
    description: 'a hospital joins',
    words: [['<candidate>', 'the candidate.json that it handed over']],
  },
  { name: 'suspend', description: 'a hospital may do nothing for a while', words: [HOSPITAL] },
  { name: 'reinstate', description: 'a suspended hospital takes part again', words: [HOSPITAL] },
  { name: 'remove', description: 'a hospital leaves for good', words: [HOSPITAL] },
  {
    name: 'tier',
    description: 'what a hospital may do',
    words: [HOSPITAL, ['<tier>', 'tertiary, secondary or community']],
  },
  {
    name: 'parameter',
    description: 'a parameter of the chain, such as heartbeatMs',
    words: [
      ['<name>', 'its name'],
      ['<value>', 'a whole number'],
    ],
  },
  {
    name: 'policies',
    description: 'new policies, other texts of standing ones, or fewer',
    words: [['[file...]', 'files of policies; each says its @id']],
  },
  { name: 'add-validator', description: 'the hospital itself begins to validate', words: [] },
  { name: 'remove-validator', description: 'a hospital ends to validate', words: [HOSPITAL] },
];
