import type { Group } from './group.ts';
import { ACCESS } from './table-access.ts';
import { VALUES } from './table-values.ts';

export const TABLE: readonly Group[] = [...VALUES, ...ACCESS];

/** Whole policies: scopes of every form, right and wrong. */
export const SCOPES: readonly string[] = [
  'principal, action, resource',
  'principal == User::"a", action, resource',
  'principal == Team::"a", action, resource',
  'principal == Nothing::"a", action, resource',
  'principal in User::"a", action, resource',
  'principal in Team::"a", action, resource',
  'principal in Org::"a", action, resource',
  'principal in Photo::"a", action, resource',
  'principal in Color::"blue", action, resource',
  'principal is User, action, resource',
  'principal is Team, action, resource',
  'principal is Nothing, action, resource',
  'principal is User in Team::"a", action, resource',
  'principal is User in Photo::"a", action, resource',
  'principal is Team in Org::"a", action, resource',
  'principal is Action, action, resource',
  'principal == Action::"read", action, resource',
  'principal, action == Action::"read", resource',
  'principal, action == Action::"all", resource',
  'principal, action == Action::"raed", resource',
  'principal, action in Action::"all", resource',
  'principal, action in Action::"read", resource',
  'principal, action in [], resource',
  'principal, action in [Action::"read", Action::"write"], resource',
  'principal, action in [Action::"read", Action::"raed"], resource',
  'principal, action in [Action::"all", Other::Action::"every"], resource',
  'principal, action in Other::Action::"every", resource',
  'principal, action == Nowhere::Action::"x", resource',
  'principal, action, resource == Color::"red"',
  'principal, action, resource == Color::"blue"',
  'principal, action, resource in Album::"a"',
  'principal, action, resource is Album in Album::"a"',
  'principal, action, resource is Photo in Photo::"a"',
  'principal, action == Action::"paint", resource is Photo',
  'principal is Robot, action == Action::"read", resource',
  'principal is Robot, action == Action::"write", resource',
  'principal is Other::Thing, action, resource is Other::Thing',
  'principal is Other::Thing, action, resource is Photo',
  'principal is User, action == Other::Action::"poke", resource',
];

/** The same with slots. */
export const TEMPLATE_SCOPES: readonly string[] = [
  'principal == ?principal, action, resource',
  'principal in ?principal, action, resource',
  'principal is User in ?principal, action, resource',
  'principal is Team in ?principal, action, resource',
  'principal is Nothing in ?principal, action, resource',
  'principal, action, resource == ?resource',
  'principal, action, resource in ?resource',
  'principal, action, resource is Photo in ?resource',
  'principal == ?principal, action == Action::"read", resource in ?resource',
  'principal == ?principal, action == Action::"raed", resource',
  'principal == ?principal, action == Action::"all", resource',
  'principal is Robot in ?principal, action == Action::"read", resource in ?resource',
];
