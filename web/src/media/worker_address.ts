import address from '../e2ee/worker/main.ts?worker&url';

/** The media worker as it was built with the page: a module of its origin. Only the page's entry imports this: Vite alone knows such an address. */
export const workerAddress = new URL(address, location.href);
