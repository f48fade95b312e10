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

/** Shows one track. Sound never comes from here: it has elements of its own. */
export function Video({ track, label, mirrored = false, whole = false, source, participant }: VideoProps): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null || track === undefined) return undefined;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => undefined); // a muted video plays by itself; a removed one need not
    return () => {
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
