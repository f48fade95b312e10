import { equal } from '../policy/bytes.ts';
import type { GrantRequest, Leg } from '../policy/grant_request.ts';
import { within } from '../policy/kind.ts';
import { requestOf, type Grant, type Room } from '../policy/room.ts';

/**
 * narrowed is the grant of which a request only gives back lines: of the same gateway, some of the very legs and not all of them, and
 * no more kinds. Nobody has to be asked about that, as long as it is not granted for longer or for more than it is now. A request for
 * all the same legs is no such thing: it would be a way to live on for ever. Pure.
 */
export function narrowed({ grants }: Room, request: GrantRequest): Grant | undefined {
  return grants.find((grant) => {
    const { gateway, legs, scope, speak } = requestOf(grant);
    return equal(gateway, request.gateway) && request.legs.length < legs.length
      && request.legs.every((leg) => legs.some((old) => sameLeg(old, leg)))
      && within(request.scope, scope) && within(request.speak, speak);
  });
}

function sameLeg(a: Leg, b: Leg): boolean {
  return a.no === b.no && a.kind === b.kind && a.label === b.label && a.number === b.number;
}
