import { policySetOf } from '../../../vm/evaluate/policy-set.ts';
import type { PolicySet } from '../../../vm/index.ts';
import type { ParsedPolicy, ParsedTemplate } from '../../../vm/syntax/ast.ts';
import { readPolicies, type SyntaxProblem } from '../../../vm/syntax/parse.ts';
import { refusalText } from '../../output.ts';
import { fileError, readText } from './files.ts';
import { problemText, type TextProblem } from './problem-text.ts';

/** A policy or template with its id and the file it stands in. */
export interface FiledPolicy {
  readonly id: string;
  readonly policy: ParsedPolicy | ParsedTemplate;
  readonly isTemplate: boolean;
}

export interface PolicyFile {
  readonly file: string;
  readonly text: string;
  /** In the order of the text. */
  readonly policies: readonly FiledPolicy[];
  readonly problems: readonly SyntaxProblem[];
}

/** Policies of several files: the id is `@id`, else `policy` and its number over all files, from 0; templates count too. */
export async function readPolicyFiles(files: readonly string[]): Promise<readonly PolicyFile[]> {
  const read: PolicyFile[] = [];
  let count = 0;
  for (const file of files) {
    const text = await readText(file);
    const { policies, templates, problems } = readPolicies(text);
    const isTemplate = new Set<ParsedPolicy | ParsedTemplate>(templates);
    const inOrder = [...policies, ...templates].sort((a, b) => a.at - b.at);
    const named = inOrder.map((policy) => ({
      id: policy.annotations.get('id') ?? `policy${count++}`,
      policy,
      isTemplate: isTemplate.has(policy),
    }));
    read.push({ file, text, policies: named, problems });
  }
  return read;
}

/** A policy whose id an earlier one has. */
export interface Duplicate extends TextProblem {
  readonly file: string;
  readonly policy: string;
}

/** Policies and templates share their ids, over all files: each one that comes too late, at its place. */
export function duplicatesIn(read: readonly PolicyFile[]): readonly Duplicate[] {
  const first = new Map<string, string>();
  const found: Duplicate[] = [];
  for (const { file, policies } of read)
    for (const { id, policy } of policies) {
      const { line, column } = policy.position;
      const earlier = first.get(id);
      const message = `The id ${JSON.stringify(id)} is taken: by the policy at ${earlier}.`;
      if (earlier === undefined) first.set(id, `${file}:${line}:${column}`);
      else found.push({ file, policy: id, code: 'vm-policy.duplicate-id', line, column, message });
    }
  return found;
}

/** Policies that can decide, of files without a problem; templates decide nothing. */
export async function policySetFrom(files: readonly string[]): Promise<PolicySet> {
  const read = await readPolicyFiles(files);
  for (const { file, text, problems } of read)
    if (problems[0] !== undefined)
      throw fileError('consortium-policy.unreadable', file, problemText(file, text, problems[0]));
  for (const twice of duplicatesIn(read).slice(0, 1)) {
    const text = read.find(({ file }) => file === twice.file)?.text ?? '';
    throw fileError('consortium-policy.unreadable', twice.file, problemText(twice.file, text, twice));
  }
  const named = read
    .flatMap(({ policies }) => policies)
    .filter(({ isTemplate }) => !isTemplate)
    .map(({ id, policy }) => ({
      ...(policy as ParsedPolicy),
      annotations: new Map([...policy.annotations, ['id', id]]),
    }));
  const set = policySetOf(named);
  if (!set.ok) throw fileError('consortium-policy.unreadable', files.join(', '), refusalText(set.rejection));
  return set.value;
}
