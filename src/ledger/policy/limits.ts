/** Bounds on policies that are deployed on a running chain. What the rule engine reads at all: `VM_LIMITS`. */
export const POLICY_LIMITS = {
  /** The text of one patient's policy. It is ASCII: a character is a byte. */
  patientPolicyBytesMax: 1_024,
  /** Policies that stand in one patient's set. */
  patientPoliciesMax: 16,
  /** Nesting of a patient's policy. */
  patientDepthMax: 16,
  /** Literals in a patient's policy, entities of its scope among them. */
  patientLiteralsMax: 64,
  /** UTF-16 units of one text literal in it. */
  patientLiteralTextMax: 128,
  /** Gas that one patient's set may use up in deciding one transaction (G-10). */
  patientGasMax: 10_000,
  /** Steps that checking a deployed policy may take for each character of its text: a step is half the work of a unit of gas (T-43). */
  checkStepsPerCharacter: 150,
  /** Text of the policies that one change of the constitution deploys, in UTF-16 units. */
  changeTextMax: 12_000,
  /** Policies that one change retires. */
  changeRetiresMax: 64,
  /** Gas of one question that policies must permit for ever: what the least `transactionGasMax` leaves for it, and some more. */
  questionGasMax: 10_000,
  /** Gas of all questions that a changed constitution must answer, together. */
  constitutionGasMax: 200_000,
} as const;
