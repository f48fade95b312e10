import type { DeviceFault } from '../session/state.ts';

/** faultOf puts the error of getUserMedia or getDisplayMedia in our few words (W3C Media Capture, section 10.2). */
export function faultOf(error: unknown): DeviceFault {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
