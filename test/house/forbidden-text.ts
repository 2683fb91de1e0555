/**
 * What no file of the repository says: where it was written. Somebody else's clone has other folders, another registry and
 * another way of working. This file is the only one that is not searched.
 */
export interface ForbiddenText {
  readonly pattern: RegExp;
  readonly why: string;
}

export const FORBIDDEN_TEXT: readonly ForbiddenText[] = [
  { pattern: /(?<![\w.~/-])\/(?:work|root|home|Users|tmp)\/[\w.-]/, why: "a path of somebody's machine" },
  { pattern: /\b[A-Z]:\\Users\\/, why: "a path of somebody's machine" },
  {
    pattern: /\b(?:registry|npm|packages?|artifactory|nexus|verdaccio)\.[a-z0-9-]+\.[a-z]{2,}\b/i,
    why: 'a package registry',
  },
  { pattern: /\b(?:npmjs\.(?:org|com)|npm\.pkg\.github)\b/i, why: 'a package registry' },
  { pattern: /\b(?:sub-?agents?|language model|chat ?bot|prompt engineering)\b/i, why: 'a word of the workplace' },
  { pattern: /\bissues (?:show|list|close)\b/, why: 'a tool of the workplace' },
];

/** Files searched for nothing: the patterns themselves. */
export const NOT_SEARCHED = ['test/house/forbidden-text.ts', 'test/house/text.test.ts'];

/** Fixtures that others published, kept byte for byte. */
export const FOREIGN_FOLDERS = ['test/vectors/'];

export const forbiddenIn = (path: string, text: string): string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      FORBIDDEN_TEXT.filter(({ pattern }) => pattern.test(line)).map(
        ({ why }) => `${path}:${index + 1} holds ${why}: ${line.trim()}`,
      ),
    );
