/** Lines for both engines: each is the condition of a policy for the schema of `schema.ts`. What is right is theirs to say. */
export interface Group {
  readonly about: string;
  /** The scope of each policy; `USER_READS_PHOTO` where the group does not say. */
  readonly scope?: string;
  readonly conditions: readonly string[];
}

export const USER_READS_PHOTO = 'principal is User, action == Action::"read", resource is Photo';
/** Every kind of request of the schema. */
export const ANY = 'principal, action, resource';
