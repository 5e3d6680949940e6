/**
 * When a line counts as weak, everywhere: on the board, in the room and in the device check. The server's own line,
 * held to it by `fixtures/weak_line.json` of the protocol.
 */

/** Above this share of lost packets, in percent. */
export const weakLossPercent = 3;

/** Above this round trip, in milliseconds. */
export const weakRttMs = 300;
