import type { FromWorker, ToWorker, TransformOptions } from './messages.ts';

/** EncodedFrame is what RTCEncodedAudioFrame and RTCEncodedVideoFrame have in common (W3C WebRTC Encoded Transform). */
export interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata: () => { readonly mimeType?: string; readonly payloadType?: number };
}

/** Transformer is an RTCRtpScriptTransformer, as far as it is used. */
export interface Transformer {
  readonly options: TransformOptions;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
}

/** WorkerScope is a DedicatedWorkerGlobalScope, as far as it is used. */
export interface WorkerScope {
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage: (message: FromWorker) => void;
}
