import { requestOf, type Room } from '../policy/room.ts';
import { shownLeg } from './display_name.ts';
import type { MeetingPolicy } from './events.ts';

/** shownPolicy is what the page is told of a policy. Pure. */
export function shownPolicy({ charter, mode, locked, maxScope, vetoRule, grants, gateways, fallbackHost }: Room): MeetingPolicy {
  return {
    mode, floor: charter.floor, locked, maxScope, vetoRule, gateways, owner: charter.owner,
    fallback: fallbackHost.map(({ identity }) => identity),
    grants: grants.map((grant) => {
      const { n, scope, speak, notAfter } = grant;
      const { gateway, legs } = requestOf(grant);
      return { n, gateway, legs: legs.map(shownLeg), scope, speak, notAfter };
    }),
  };
}
