import process from 'node:process';
import { createInterface } from 'node:readline';
import { compile } from '../../../vm/evaluate/evaluate.ts';
import { Failure } from '../../../vm/evaluate/outcome.ts';
import {
  type AuthorizationRequest,
  authorize,
  type EntityReader,
  entity,
  explain,
  type PolicySet,
  parseJson,
  parsePolicies,
  record,
  recordFromJson,
  sentenceOf,
  VM_CODES,
} from '../../../vm/index.ts';
import { printValue } from '../../../vm/syntax/print-policy.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { CommandError, type Output, refusalText, usageError } from '../../output.ts';
import { decisionText } from './eval.ts';
import { readExpression } from './expression.ts';
import { gasLimitOf, readEntitiesFile, uidFrom } from './question.ts';
import { policySetFrom } from './read-policies.ts';
import { readSchemaFile } from './read-schema.ts';

export interface ReplOptions {
  readonly policies?: readonly string[];
  readonly entities?: string;
  readonly schema?: string;
  readonly gas?: string;
}

const HELP = `an expression                      its value
principal = Type::"id"             also action = … and resource = …
context = { "key": value }         Cedar's JSON
decide                             the request, by the policies
explain                            why
help, quit`;

const NOBODY = entity('Nobody', '');

/** `carechain policy repl`: expressions and requests, line by line. A line that is wrong is told, and the next one read. */
export async function policyRepl(
  options: ReplOptions,
  output: Output,
  lines: AsyncIterable<string> = typed(),
): Promise<ExitCode> {
  const schema = options.schema === undefined ? undefined : await readSchemaFile(options.schema);
  const set = options.policies === undefined ? undefined : await policySetFrom(options.policies);
  const session = new Session({
    policies: set ?? noPolicies(),
    entities: await readEntitiesFile(options.entities, schema),
    gasLimit: gasLimitOf(options.gas),
  });
  for await (const line of lines) {
    if (line.trim() === 'quit') break;
    try {
      const answer = session.answer(line.trim());
      if (answer !== undefined) output.result(answer.value, answer.text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      output.say(error.message);
    }
  }
  return EXIT.holds;
}

/** Lines of standard input, with a prompt where a person types them. */
async function* typed(): AsyncGenerator<string> {
  const isTerminal = process.stdin.isTTY === true;
  const reader = createInterface({ input: process.stdin, ...(isTerminal && { output: process.stderr }) });
  if (isTerminal) process.stderr.write('help says what can be written here\n');
  if (isTerminal) reader.prompt();
  for await (const line of reader) {
    yield line;
    if (isTerminal) reader.prompt();
  }
}

function noPolicies(): PolicySet {
  const none = parsePolicies('');
  if (!none.ok) throw new TypeError('no text is no policies');
  return none.value;
}

interface Answer {
  readonly value: object;
  readonly text: string;
}

interface World {
  readonly policies: PolicySet;
  readonly entities: EntityReader;
  readonly gasLimit: number;
}

class Session {
  readonly #world: World;
  #request: AuthorizationRequest = { principal: NOBODY, action: NOBODY, resource: NOBODY, context: record({}) };

  constructor(world: World) {
    this.#world = world;
  }

  answer(line: string): Answer | undefined {
    if (line === '' || line.startsWith('//')) return undefined;
    if (line === 'help') return { value: { help: HELP }, text: HELP };
    if (line === 'decide') return this.#decide();
    if (line === 'explain') return this.#explain();
    const setting = /^(principal|action|resource|context)\s*=(?!=)\s*(.*)$/s.exec(line);
    if (setting === null) return this.#evaluate(line);
    const [, name, value] = setting as unknown as [string, keyof AuthorizationRequest, string];
    this.#request = { ...this.#request, [name]: name === 'context' ? contextFrom(value) : uidFrom(value) };
    return undefined;
  }

  #evaluate(text: string): Answer {
    const read = readExpression(text);
    if ('problem' in read) throw usageError(read.problem);
    const { entities, gasLimit } = this.#world;
    const run = { request: this.#request, entities, gas: gasLimit };
    const outcome = compile(read.expression)(run);
    if (outcome instanceof Failure)
      return { value: { error: outcome.code }, text: `${outcome.code}: ${VM_CODES[outcome.code].meaning}` };
    const value = printValue(outcome);
    return { value: { value, gasUsed: gasLimit - run.gas }, text: value };
  }

  #decide(): Answer {
    const { policies, entities, gasLimit } = this.#world;
    const decision = authorize(policies, this.#request, entities, gasLimit);
    return { value: decision, text: decisionText(decision) };
  }

  #explain(): Answer {
    const { policies, entities, gasLimit } = this.#world;
    const explanation = explain(policies, this.#request, entities, gasLimit);
    const sentence = sentenceOf(explanation);
    return { value: { sentence, ...explanation }, text: sentence };
  }
}

function contextFrom(text: string): AuthorizationRequest['context'] {
  const json = parseJson(text);
  const context = json.ok ? recordFromJson(json.value) : json;
  if (!context.ok) throw usageError(`context: ${refusalText(context.rejection)}`);
  return context.value;
}
