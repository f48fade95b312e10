// Drawn people as moving pictures, in the page.

/** Painter draws what stands for a camera or a screen. */
export interface Painter {
  /** A track of pictures that paint draws, five a second. */
  readonly track: (width: number, height: number, paint: (pen: CanvasRenderingContext2D) => void) => MediaStreamTrack | undefined;
  /** Somebody before a wall, 640 by 360. */
  readonly portrait: (pen: CanvasRenderingContext2D, colour: readonly [number, number, number]) => void;
}

/** painter makes one. It may be handed to a page as text: it uses nothing from outside. */
export function painter(): Painter {
  return {
    track: (width, height, paint) => {
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      const again = (): void => {
        const pen = canvas.getContext('2d');
        if (pen !== null) paint(pen);
      };
      again();
      setInterval(again, 200);
      return canvas.captureStream(5).getVideoTracks()[0];
    },
    portrait: (pen, [r, g, b]) => {
      const light = pen.createLinearGradient(0, 0, 640, 360);
      light.addColorStop(0, `rgb(${r + 60} ${g + 60} ${b + 60})`);
      light.addColorStop(1, `rgb(${r} ${g} ${b})`);
      pen.fillStyle = light;
      pen.fillRect(0, 0, 640, 360);
      pen.fillStyle = `rgb(${r / 3 + 150} ${g / 3 + 110} ${b / 3 + 90})`;
      pen.beginPath();
      pen.arc(320, 150, 70, 0, 7);
      pen.fill();
      pen.fillStyle = `rgb(${r / 2} ${g / 2} ${b / 2})`;
      pen.beginPath();
      pen.ellipse(320, 380, 150, 150, 0, 0, 7);
      pen.fill();
    },
  };
}

/** The colours of people, in turn. */
export const colours = [[38, 70, 83], [94, 84, 142], [120, 94, 60], [60, 100, 80], [90, 60, 70], [58, 90, 120]] as const;
