/** The largest frame that is taken, bytes: several times a key frame of a shared screen. */
export const maxFrameBytes = 1 << 23;

/** The most slices or OBUs of a frame. */
export const maxPieces = 1024;
