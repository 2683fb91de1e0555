import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { EXIT, type ExitCode } from '../../consortium/exit-codes.ts';
import type { Output } from '../../consortium/output.ts';
import { packageRoot } from '../../consortium/package-root.ts';
import { must } from '../../consortium/people.ts';
import { readPolicyFiles } from '../../consortium/policy-files.ts';
import {
  type AuthorizationRequest,
  authorize,
  entitiesFromJson,
  isAuthorizedCedar,
  parseJson,
  parsePolicies,
  recordFromJson,
  uidFromJson,
} from '../../vm/index.ts';
import { measureDeciding, type Pace } from './measure.ts';
import { type OfficialEngine, officialEngine } from './official.ts';
import { type OfficialReport, type PolicyBenchReport, policyBenchText } from './report.ts';
import { type RequestJson, requestsOf } from './requests.ts';
import { type EntityJson, WORLD } from './world.ts';

const GAS_LIMIT = 100_000;
const PACE: Pace = { warmUpMs: 1_000, measureMs: 5 };

/**
 * `carechain bench --policies`: what one decision of the shipped policies costs here, beside the official engine where that is installed.
 * 0 where both decide everything alike, else 1.
 */
export async function benchPolicies(output: Output, pace: Pace = PACE): Promise<ExitCode> {
  const text = (await readPolicyFiles()).map((file) => file.text).join('\n');
  const schema = await readFile(join(packageRoot(), 'policies', 'carechain.cedarschema'), 'utf8');
  const policies = must(parsePolicies(text), 'the shipped policies are read');
  const entities = must(entitiesFromJson(jsonOf(WORLD)), 'the entities are read');
  const requests = requestsOf();
  const ours = requests.map(requestOf);
  const textOf = Object.fromEntries(policies.policies.map(({ id, text: one }) => [id, one]));
  const official = await officialEngine(textOf, schema);

  const answers = ours.map((request) => isAuthorizedCedar(policies, request, entities).decision);
  const disagreements = official === undefined ? null : differences(official, requests, answers);
  output.say(`deciding ${requests.length} requests by ${policies.policies.length} policies …`);
  const microseconds = measureDeciding(ours, (request) => authorize(policies, request, entities, GAS_LIMIT), pace);
  const theirs = official === undefined ? null : measureOfficial(official, requests, pace);
  const report: PolicyBenchReport = {
    policies: policies.policies.length,
    requests: requests.length,
    allowed: answers.filter((answer) => answer === 'allow').length,
    microseconds,
    official: theirs,
    timesFaster: theirs === null ? null : theirs.microseconds.p50 / microseconds.p50,
    disagreements,
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
  };
  output.result(report, policyBenchText(report));
  return disagreements === null || disagreements === 0 ? EXIT.holds : EXIT.violated;
}

const differences = (official: OfficialEngine, requests: readonly RequestJson[], answers: readonly string[]): number =>
  requests.filter((request, i) => official.decide(request) !== answers[i]).length;

/** Its interface takes entities as JSON with every call; ours reads them where they are. So it is measured without any, too. */
function measureOfficial(
  { version, decide }: OfficialEngine,
  requests: readonly RequestJson[],
  pace: Pace,
): OfficialReport {
  const bare = requests.map((request) => ({ ...request, entities: [] }));
  return {
    version,
    microseconds: measureDeciding(requests, decide, pace),
    withoutEntities: measureDeciding(bare, decide, pace),
  };
}

const jsonOf = (value: readonly EntityJson[] | object) =>
  must(parseJson(JSON.stringify(value)), 'what was just written is JSON');

function requestOf({ principal, action, resource, context }: RequestJson): AuthorizationRequest {
  const [who, what, which] = [principal, action, resource].map((uid) =>
    must(uidFromJson(jsonOf(uid)), 'a uid is read'),
  );
  return {
    principal: who as AuthorizationRequest['principal'],
    action: what as AuthorizationRequest['action'],
    resource: which as AuthorizationRequest['resource'],
    context: must(recordFromJson(jsonOf(context)), 'the context is read'),
  };
}
