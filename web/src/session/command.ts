import type { Admit, Deny, Lock, MuteAll, MuteOther, PassHost, Remove } from '../protocol/messages.ts';

/** What a host may ask for. */
export type HostCommand = Admit | Deny | MuteOther | MuteAll | Lock | Remove | PassHost;
