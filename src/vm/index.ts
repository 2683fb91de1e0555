export { type EvalCode, VM_CODES, type VmCode } from './codes.ts';
export { authorize, type CedarAnswer, isAuthorizedCedar } from './evaluate/authorize.ts';
export { GAS } from './evaluate/gas.ts';
export { mergePolicySets, type Policy, type PolicySet } from './evaluate/policy-set.ts';
export type { AuthorizationRequest, Decision, Entity, EntityReader } from './evaluate/request.ts';
export { type Audience, type Told, toldBytes, toldTo, traceBytes } from './explain/audience.ts';
export { type ClauseTrace, type Explanation, explain, type PolicyTrace } from './explain/explain.ts';
export { sentenceOf } from './explain/sentence.ts';
export { entitiesFromJson, recordFromJson, valueFromJson } from './json/cedar-json.ts';
export { uidFromJson } from './json/entity-json.ts';
export { type Json, parseJson } from './json/json.ts';
export { expressionToJson, policyToJson } from './json/policy-json.ts';
export { VM_LIMITS } from './limits.ts';
export { type EntityData, readerOf } from './schema/entity-data.ts';
export { environmentsOf, type RequestEnvironment } from './schema/environments.ts';
export { printSchema } from './schema/print-schema.ts';
export type { SchemaProblem } from './schema/problems.ts';
export { readContext, readEntities, readEntity } from './schema/read-json.ts';
export { parseSchema, readSchema, type SchemaReading } from './schema/read-schema.ts';
export * from './schema/schema.ts';
export { validateEntities, validateEntity } from './schema/validate-entity.ts';
export { validateRequest } from './schema/validate-request.ts';
export type { ParsedPolicy, ParsedTemplate } from './syntax/ast.ts';
export { type Formatted, formatPolicies } from './syntax/format.ts';
export { type PolicyText, parsePolicies, readPolicies, type SyntaxProblem } from './syntax/parse.ts';
export type { Position } from './syntax/position.ts';
export { printExpression, printPolicy, printValue } from './syntax/print-policy.ts';
export { linkTemplate, type SlotValues } from './syntax/template.ts';
export type { ValidationMode } from './validate/checker.ts';
export type { ValidationCode, ValidationProblem } from './validate/problems.ts';
export {
  reviewPolicy,
  type Validation,
  validatePolicies,
  validatePolicy,
  validateTemplate,
} from './validate/validate.ts';
export { equalValues, setOf } from './values/equality.ts';
export { parseDecimal } from './values/extensions/decimal.ts';
export { parseIp } from './values/extensions/ip.ts';
export { parseDatetime, parseDuration } from './values/extensions/time.ts';
export * from './values/value.ts';
