/** The one Trusted Types policy of the page: a content security policy that enforces them has to name it. */
export const policyName = 'legroom-worker';

interface Policy {
  createScriptURL: (url: string) => string;
}

interface PolicyFactory {
  createPolicy: (name: string, rules: Policy) => Policy;
}

// A name can be given once in a page, so the policy is made once. It lets through scripts of this origin only.
const policy = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes?.createPolicy(policyName, {
  createScriptURL: (url) => {
    if (new URL(url).origin !== location.origin) throw new TypeError('worker of another origin');
    return url;
  },
});

/** openWorker starts the media worker, a module of this origin. Errors: TypeError for one of another. */
export function openWorker(address: URL): Worker {
  return new Worker(policy?.createScriptURL(address.href) ?? address.href, { type: 'module', name: 'media' });
}
