import type { Source } from "../protocol/generated/Source";
import { type PageProfile, SLOTS } from "./profile";

/** One m-line of the offer. */
export type Line =
	| { direction: "sendonly"; kind: "audio" | "video"; source: Source }
	| {
			direction: "recvonly";
			kind: "audio" | "video";
			slot: "audio" | "stage" | "tile" | "screen";
	  };

/**
 * The m-lines of the one offer, in the order that the server reads them by: microphone, camera, screen, then the voices,
 * the main picture, the small pictures and the shared screen. They never change: joining and leaving cost no negotiation.
 */
export function linesOf(profile: PageProfile): Line[] {
	const slots = SLOTS[profile];
	const receive = (
		count: number,
		slot: Extract<Line, { direction: "recvonly" }>["slot"],
	) =>
		Array.from({ length: count }, (): Line => {
			return {
				direction: "recvonly",
				kind: slot === "audio" ? "audio" : "video",
				slot,
			};
		});
	return [
		{ direction: "sendonly", kind: "audio", source: "microphone" },
		{ direction: "sendonly", kind: "video", source: "camera" },
		{ direction: "sendonly", kind: "video", source: "screen" },
		...receive(slots.audio, "audio"),
		...receive(slots.stage, "stage"),
		...receive(slots.tiles, "tile"),
		...receive(slots.screen, "screen"),
	];
}

/** What a camera is asked for: enough for a main picture, and no more than a school's uplink carries. */
export const CAPTURE: MediaTrackConstraints = {
	width: { ideal: 1280 },
	height: { ideal: 720 },
	frameRate: { ideal: 24, max: 30 },
};

/** From this many lines on a capture is worth three layers; below it browsers encode two at most. */
const THREE_LAYERS_FROM = 540;

/**
 * The simulcast encodings of a camera, smallest first, for a capture of so many lines. 720 lines become 180, 360 and 720:
 * wall, stage on a weak link, stage. A small camera's 360 or 480 lines become two layers, so that its full picture is
 * among them; `h` then stays silent. Bit rates are what VP8 needs for faces at a table, in bits per second.
 */
export function cameraEncodings(lines: number): RTCRtpEncodingParameters[] {
	return lines >= THREE_LAYERS_FROM
		? [
				{
					rid: "l",
					scaleResolutionDownBy: 4,
					maxBitrate: 150_000,
					maxFramerate: 15,
					active: true,
				},
				{
					rid: "m",
					scaleResolutionDownBy: 2,
					maxBitrate: 500_000,
					active: true,
				},
				{
					rid: "h",
					scaleResolutionDownBy: 1,
					maxBitrate: 1_500_000,
					active: true,
				},
			]
		: [
				{
					rid: "l",
					scaleResolutionDownBy: 2,
					maxBitrate: 150_000,
					maxFramerate: 15,
					active: true,
				},
				{
					rid: "m",
					scaleResolutionDownBy: 1,
					maxBitrate: 600_000,
					active: true,
				},
				{
					rid: "h",
					scaleResolutionDownBy: 1,
					maxBitrate: 600_000,
					active: false,
				},
			];
}

/** One layer for a shared screen: letters must be sharp, motion may stutter. */
export const SCREEN_ENCODINGS: readonly RTCRtpEncodingParameters[] = [
	{ maxBitrate: 2_000_000, maxFramerate: 10 },
];

/** Puts the codecs that the server speaks first, and keeps the rest of what belongs to them (RTX). */
export function preferred(
	codecs: readonly RTCRtpCodec[],
	kind: "audio" | "video",
): RTCRtpCodec[] {
	const wanted = kind === "audio" ? "audio/opus" : "video/vp8";
	const companions = kind === "audio" ? [] : ["video/rtx"];
	const of = (type: string) =>
		codecs.filter((codec) => codec.mimeType.toLowerCase() === type);
	return [...of(wanted), ...companions.flatMap(of)];
}

/**
 * Asks the browser's Opus encoder for discontinuous transmission and in-band error correction. An encoder follows the
 * format parameters of the *remote* description (RFC 7587, section 7), so they are added to the answer.
 */
export function withOpusParameters(answer: string): string {
	const payloads = [
		...answer.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim),
	].map((match) => match[1]);
	const lines = answer.split(/\r?\n/);
	return lines
		.map((line) => {
			const fmtp = /^a=fmtp:(\d+) (.*)$/.exec(line);
			if (!fmtp || !payloads.includes(fmtp[1])) return line;
			const parameters = (fmtp[2] ?? "").split(";").map((part) => part.trim());
			for (const wanted of ["useinbandfec=1", "usedtx=1"]) {
				const name = wanted.slice(0, wanted.indexOf("=") + 1);
				const index = parameters.findIndex((part) => part.startsWith(name));
				if (index >= 0) parameters[index] = wanted;
				else parameters.push(wanted);
			}
			return `a=fmtp:${fmtp[1]} ${parameters.filter(Boolean).join(";")}`;
		})
		.join("\r\n");
}
