/** The numbered rules of `docs/specification/consensus-simplex.md`, with what each is about. Steps report those that took effect. */
export const SIMPLEX_RULES = [
  'SIMPLEX-1', // views, epochs, leaders
  'SIMPLEX-2', // the votes of a view
  'SIMPLEX-3', // what counts: form, membership, signature
  'SIMPLEX-4', // what a leader proposes
  'SIMPLEX-5', // what justifies a proposal
  'SIMPLEX-6', // notarise
  'SIMPLEX-7', // nullify
  'SIMPLEX-8', // finalise
  'SIMPLEX-9', // finality reaches down; what may wait for it
  'SIMPLEX-10', // durable first
  'SIMPLEX-11', // never a second vote, whatever was forgotten
  'SIMPLEX-12', // certificates, and entering a view
  'SIMPLEX-13', // verdicts on blocks
  'SIMPLEX-14', // evidence
  'SIMPLEX-15', // timers
  'SIMPLEX-16', // what is sent again
  'SIMPLEX-17', // asking and answering
  'SIMPLEX-18', // other epochs, and those who are ahead
  'SIMPLEX-19', // start: an acknowledgement, or a new tip
] as const;
export type SimplexRule = (typeof SIMPLEX_RULES)[number];
