import { didYouMean, nearest } from '../syntax/suggest.ts';
import type { EntityUid } from '../values/value.ts';
import type { Finding } from './problems.ts';
import { textOf } from './show-type.ts';
import type { Type } from './types.ts';

/** What is said to whoever wrote the policy: one plain sentence a problem, and a near name where there is one. */

const QUOTED_LENGTH_MAX = 60;
export const quoted = (text: string): string =>
  text.length > QUOTED_LENGTH_MAX ? `"${text.slice(0, QUOTED_LENGTH_MAX)}…"` : JSON.stringify(text);

export const uidText = ({ type, id }: EntityUid): string => `${type}::${quoted(id)}`;

/** Longer names, and more of them, are not searched: a suggestion is a courtesy. */
const NAME_LENGTH_MAX = 40;
const NAMES_MAX = 1_000;

function near(written: string, names: Iterable<string>): string | undefined {
  return written.length > NAME_LENGTH_MAX ? undefined : nearest(written, [...names].slice(0, NAMES_MAX));
}

const withSuggestion = (message: string, name: string | undefined): Finding =>
  name === undefined ? { message } : { message, suggestion: didYouMean(name) };

export const takes = (operator: string, expected: string, actual: Type): Finding => ({
  message: `${operator} takes ${expected}, and this is ${textOf(actual)}.`,
});

export const notComparable = (actual: Type): Finding => ({
  message: `Only Long, datetime and duration can be compared by size, and this is ${textOf(actual)}.`,
});

export const notJoined = (what: string, a: Type, b: Type): Finding => ({
  message: `${what} must have one type, and they have ${textOf(a)} and ${textOf(b)}.`,
});

export const noAttribute = (owner: Type, name: string, declared: Iterable<string>): Finding =>
  withSuggestion(`${textOf(owner)} has no attribute ${quoted(name)} that can be read.`, near(name, declared));

export const optionalAttribute = (owner: Type, name: string): Finding => ({
  message: `The attribute ${quoted(name)} of ${textOf(owner)} is optional: ask with "has" before reading it.`,
});

export const noTags = (owner: Type): Finding => ({ message: `${textOf(owner)} is declared without tags.` });

export const unaskedTag = (owner: Type): Finding => ({
  message: `${textOf(owner)} may not have this tag: ask with hasTag, and the same text, before reading it.`,
});

export const EMPTY_SET: Finding = {
  message: 'An empty set says nothing of what it holds, so strict checking refuses it.',
};

export const notLiteral = (name: string): Finding => ({
  message: `${name} is given a text that is computed: strict checking takes a literal only.`,
});

export const notParsed = (name: string, text: string): Finding => ({
  message: `${quoted(text)} is not a valid ${name}.`,
});

export const wrongCount = (name: string, expected: number, actual: number): Finding => ({
  message: `${name} takes ${expected} ${expected === 1 ? 'operand' : 'operands'}, and this gives ${actual}.`,
});

export const unknownFunction = (name: string, functions: Iterable<string>): Finding =>
  withSuggestion(`No function has the name ${quoted(name)}.`, near(name, functions));

export const unknownType = (name: string, declared: Iterable<string>): Finding =>
  withSuggestion(`The schema declares no entity type ${quoted(name)}.`, near(name, declared));

export const unknownAction = (uid: EntityUid, declared: readonly EntityUid[]): Finding => {
  const ids = declared.map(({ id }) => id);
  const id = ids.includes(uid.id) ? uid.id : near(uid.id, ids);
  const found = declared.find((action) => action.id === id);
  return withSuggestion(`The schema declares no action ${uidText(uid)}.`, found && uidText(found));
};

export const unknownId = (uid: EntityUid, ids: Iterable<string>): Finding => {
  const id = near(uid.id, ids);
  const shown = [...ids].slice(0, 8).map(quoted).join(', ');
  const message = `${uid.type} has only the ids ${shown}, and ${quoted(uid.id)} is none of them.`;
  return withSuggestion(message, id === undefined ? undefined : uidText({ ...uid, id }));
};

/** `fix` is what the scope would have to say instead. */
export const noApplicableAction = (fix: string | undefined): Finding => ({
  message: 'No action of the schema applies to such a principal and such a resource at once.',
  ...(fix !== undefined && { suggestion: fix }),
});

export const TOO_COSTLY: Finding = {
  message: 'Checking this policy for every kind of request that the schema allows takes more steps than the limit.',
};

export const IMPOSSIBLE: Finding = {
  message: 'The policy is false for every request that the schema allows, so it never applies.',
};

export const TEXT_DIRECTION: Finding = {
  message: 'A text here holds characters that change the order it is shown in: it may read otherwise than it means.',
};

export const MIXED_SCRIPTS: Finding = {
  message: 'A text here mixes scripts whose letters look alike: it may not be what it looks like.',
};
