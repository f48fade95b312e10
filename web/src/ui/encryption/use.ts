import { useEffect, useState } from 'preact/hooks';
import { hex } from '../../e2ee/policy/bytes.ts';
import { ownerFingerprint } from '../../e2ee/policy/link.ts';
import { gatewayFingerprint } from '../../e2ee/policy/signing.ts';
import type { Encryption } from '../../session/encryption.ts';
import { usePage, useSelect } from '../context.tsx';
import { system, type Speech } from './phrases.ts';
import type { SystemName } from './sentences.ts';

/** useEncryption is what is known of the meeting behind this room; undefined in an open room. */
export function useEncryption(): Encryption | undefined {
  return useSelect((s) => s.encryption);
}

export function useSpeech(): Speech {
  const { say, settings } = usePage();
  return { say, language: settings.language };
}

/** useFingerprint is a key as people compare it; empty for a moment, while it is computed. */
export function useFingerprint(of: 'gateway' | 'owner', key: Uint8Array | undefined): string {
  const [shown, setShown] = useState({ key: '', text: '' });
  const name = key === undefined ? '' : `${of} ${hex(key)}`;
  useEffect(() => {
    if (key === undefined) return undefined;
    let over = false;
    const made = of === 'gateway' ? gatewayFingerprint(key) : ownerFingerprint(key).then(grouped);
    void made.then((text) => { if (!over) setShown({ key: name, text }); });
    return () => { over = true; };
  }, [name]);
  return shown.key === name ? shown.text : '';
}

/** grouped is a fingerprint in groups of four hex digits. */
export function grouped(fingerprint: Uint8Array): string {
  return (hex(fingerprint).match(/.{4}/g) ?? []).join(' ');
}

/** useSystemName names telephone systems: the one of this server by its address, once its fingerprint is found to be the server's. */
export function useSystemName(): SystemName {
  const speech = useSpeech();
  const encryption = useEncryption();
  const known = encryption?.gatewayFingerprint ?? '';
  const keys = new Map([...(encryption?.policy?.grants ?? []), ...(encryption?.asks ?? [])].map(({ gateway }) => [hex(gateway), gateway]));
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    let over = false;
    void Promise.all([...keys].map(async ([name, key]) => [name, await gatewayFingerprint(key)] as const)).then((made) => {
      if (!over) setNames(new Map(made));
    });
    return () => { over = true; };
  }, [[...keys.keys()].join()]);
  return (gateway) => {
    const fingerprint = names.get(hex(gateway));
    return fingerprint === undefined ? speech.say('system.some') : system(speech, fingerprint === known, location.hostname);
  };
}
