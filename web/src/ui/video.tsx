import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface VideoProps {
  readonly track: MediaStreamTrack | undefined;
  readonly label: string;
  readonly mirrored?: boolean;
  readonly whole?: boolean;
  readonly source: 'camera' | 'screen';
  readonly participant: string;
}

/**
 * veil hides the picture until one is there that came after this moment. A slot carries one person after another, and a browser
 * shows the last picture that came by it until there is another: under the name of whoever the slot is now.
 */
function veil(video: HTMLVideoElement): () => void {
  if (!('requestVideoFrameCallback' in video)) return () => undefined;
  const since = performance.now();
  video.dataset['stale'] = '';
  let next = 0;
  const look = (_: number, { receiveTime }: VideoFrameCallbackMetadata): void => {
    if (receiveTime === undefined || receiveTime >= since) delete video.dataset['stale'];
    else next = video.requestVideoFrameCallback(look);
  };
  next = video.requestVideoFrameCallback(look);
  return () => video.cancelVideoFrameCallback(next);
}

/** Shows one track. Sound never comes from here: it has elements of its own. */
export function Video({ track, label, mirrored = false, whole = false, source, participant }: VideoProps): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null || track === undefined) return undefined;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => undefined); // a muted video plays by itself; a removed one need not
    const done = veil(video);
    return () => {
      done();
      video.srcObject = null;
    };
  }, [track]);
  const look = ['video', mirrored ? 'video--mirrored' : '', whole ? 'video--whole' : ''].filter(Boolean).join(' ');
  return (
    <video
      ref={element} class={look} autoplay muted playsInline aria-label={label}
      data-video={source} data-participant={participant}
    />
  );
}
