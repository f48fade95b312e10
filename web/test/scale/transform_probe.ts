/** Timed is what the frames of videos took in the worker since the last time that was asked, ms. */
export interface Timed {
  /** From the call of our transform to the frame on its way to the decoder: opening, and waiting for others that are opened. */
  readonly transform: readonly number[];
  /** From the last packet of the frame to the same moment: also the way to the worker, and waiting for the frames before. Empty where the browser does not say. */
  readonly whole: readonly number[];
  /** A bare AES-128-GCM of 750 bytes by WebCrypto in the same worker, ten times a second. */
  readonly bare: readonly number[];
  /** Frames that came, and bytes that went on. */
  readonly came: number;
  readonly bytes: number;
  /** Streams that had a frame. */
  readonly streams: number;
}

/** TransformProbe is what installTransformProbe leaves in the worker. */
export interface TransformProbe {
  readonly take: () => Timed;
}

interface Frame {
  readonly data: ArrayBuffer;
  readonly getMetadata: () => { readonly receiveTime?: number; readonly synchronizationSource?: number };
}

type Out = TransformStreamDefaultController<Frame>;

/**
 * installTransformProbe has every transform that the worker makes from now on take the time of the video frames it is given. The worker's
 * own code is as people get it. It leans on nothing outside itself.
 */
export function installTransformProbe(): void {
  const kinds = globalThis as unknown as { RTCEncodedVideoFrame: new () => Frame };
  let timed = { transform: [] as number[], whole: [] as number[], bare: [] as number[], came: 0, bytes: 0, streams: new Set<number>() };
  const began = new WeakMap<Frame, number>();
  const done = (frame: Frame): void => {
    const at = performance.now();
    const from = began.get(frame);
    if (from === undefined) return;
    timed.transform.push(at - from);
    const { receiveTime, synchronizationSource } = frame.getMetadata();
    if (receiveTime !== undefined) timed.whole.push(at - receiveTime);
    if (synchronizationSource !== undefined) timed.streams.add(synchronizationSource);
    timed.bytes += frame.data.byteLength;
  };
  const watched = (out: Out): Out => new Proxy(out, {
    get: (target, name) => {
      if (name === 'enqueue') {
        return (frame: Frame) => {
          target.enqueue(frame);
          done(frame);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  const Real = TransformStream;
  globalThis.TransformStream = class extends Real<Frame, Frame> {
    constructor(inner: Transformer<Frame, Frame>) {
      super({
        start: (out) => inner.start?.(watched(out)) as undefined,
        transform: (frame, out) => {
          if (frame instanceof kinds.RTCEncodedVideoFrame) {
            began.set(frame, performance.now());
            timed.came++;
          }
          return inner.transform?.(frame, watched(out));
        },
      });
    }
  } as typeof TransformStream;
  void crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt']).then(async (key) => {
    const iv = new Uint8Array(12);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(750));
    setInterval(() => {
      const from = performance.now();
      void crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed).then(() => timed.bare.push(performance.now() - from));
    }, 100);
  });
  const take = (): Timed => {
    const taken = timed;
    timed = { transform: [], whole: [], bare: [], came: 0, bytes: 0, streams: new Set() };
    return { ...taken, streams: taken.streams.size };
  };
  Object.assign(globalThis, { transformProbe: { take } satisfies TransformProbe });
}
