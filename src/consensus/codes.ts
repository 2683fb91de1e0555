import type { BaseCode } from '../base/codes.ts';
import { defineCodes } from '../base/result.ts';

/** Why the consensus folder refuses a certificate, evidence, a signing state or a message. */
export const CONSENSUS_CODES = defineCodes({
  'consensus-vote.wrong-form': { status: 400, meaning: 'The fields of a vote contradict its type.' },
  'consensus-vote.stranger': { status: 403, meaning: 'The signer is no member of the validator set.' },
  'consensus-vote.bad-signature': { status: 400, meaning: 'The signature of a vote does not hold.' },
  'consensus-certificate.no-finality': {
    status: 400,
    meaning: 'A certificate of this engine proves no finality: a seal and a depth are no proof.',
  },
  'consensus-certificate.wrong-order': {
    status: 400,
    meaning: 'The signers of a certificate repeat or are not in validator order.',
  },
  'consensus-certificate.broken-path': {
    status: 400,
    meaning: 'The headers of a certificate do not lead from the block to the one that was voted on.',
  },
  'consensus-certificate.needless-path': {
    status: 400,
    meaning: 'The certificate names the final block itself and yet carries a path of headers.',
  },
  'consensus-certificate.other-block': { status: 400, meaning: 'The certificate is of another block.' },
  'consensus-certificate.too-few': { status: 400, meaning: 'The certificate holds fewer signatures than a quorum.' },
  'consensus-evidence.different-offence': {
    status: 400,
    meaning: 'The two votes differ in validator, height, round or type: they prove nothing.',
  },
  'consensus-evidence.same-payload': { status: 400, meaning: 'The two votes say the same: that is no offence.' },
  'consensus-evidence.wrong-order': { status: 400, meaning: 'The two votes are not in the order of their bytes.' },
  'consensus-signing.wrong-form': { status: 500, meaning: 'The signing state contradicts itself.' },
  'consensus-message.wrong-type': { status: 400, meaning: 'The vote inside is not of the type that the message has.' },
  'consensus-proposal.needless-justification': {
    status: 400,
    meaning: 'The proposal carries a justification that its round does not ask for.',
  },
  'consensus-proposal.too-few-round-changes': {
    status: 400,
    meaning: 'The proposal does not show a quorum of round changes to its round.',
  },
  'consensus-proposal.wrong-round-change': {
    status: 400,
    meaning: 'A round change in the proposal is of another height or round, or repeats its sender.',
  },
  'consensus-proposal.wrong-block': {
    status: 400,
    meaning: 'The proposal does not repeat the block with the highest prepared round.',
  },
  'consensus-prepares.too-few': { status: 400, meaning: 'The prepares shown are fewer than a quorum.' },
  'consensus-prepares.wrong-vote': {
    status: 400,
    meaning: 'A prepare shown is of another height, round or block, or repeats its sender.',
  },
  'consensus-round-change.needless-justification': {
    status: 400,
    meaning: 'The round change names no prepared block and yet carries one.',
  },
  'consensus-round-change.no-block': { status: 400, meaning: 'The round change lacks the block that it prepared.' },
  'clique.deep-reversal': {
    status: 500,
    meaning:
      'More than half of the validators sealed a heavier chain without a block that was confirmed here: the node stops.',
  },
  // simplex
  'consensus-proposal.wrong-parent': {
    status: 400,
    meaning: 'The proposal names a parent of no earlier view, or carries bytes where it repeats its parent.',
  },
  'consensus-request.wrong-range': {
    status: 400,
    meaning: 'The request for certificates names no views, or too many.',
  },
  'consensus-finality.two-blocks': {
    status: 500,
    meaning: 'Two blocks of one height are certified final: more validators than tolerated are Byzantine.',
  },
});
export type ConsensusCode = keyof typeof CONSENSUS_CODES;

/** What a decoder of this folder answers. */
export type DecodeCode = BaseCode | ConsensusCode;
