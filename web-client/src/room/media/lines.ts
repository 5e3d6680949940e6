import type { Source } from "@/protocol/generated/Source";
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

/** An encoding that may have layers (webrtc-svc). */
export interface LayeredEncoding extends RTCRtpEncodingParameters {
	scalabilityMode?: string;
}

/**
 * The encodings of a camera in a codec. VP9 sends its three sizes as layers of one stream, of which the server gives each
 * viewer as many as it can take; the larger refer to the smaller in keyframes alone.
 */
export function encodingsOf(
	codec: PictureCodec,
	lines: number,
): LayeredEncoding[] {
	if (codec !== "vp9") return cameraEncodings(lines);
	const layered = {
		scalabilityMode: lines >= THREE_LAYERS_FROM ? "L3T3_KEY" : "L2T3_KEY",
		maxBitrate: lines >= THREE_LAYERS_FROM ? 1_600_000 : 600_000,
		active: true,
	};
	return [layered];
}

/** One layer for a shared screen: letters must be sharp, motion may stutter. */
export const SCREEN_ENCODINGS: readonly RTCRtpEncodingParameters[] = [
	{ maxBitrate: 2_000_000, maxFramerate: 10 },
];

/** How a camera's picture can be encoded; the first is what every machine can do. */
export const PICTURE_CODECS = ["vp8", "h264", "vp9"] as const;

/** One of them. */
export type PictureCodec = (typeof PICTURE_CODECS)[number];

/**
 * Whether a browser's codec is this one as the server speaks it: H.264 is constrained baseline in several packets, VP9 has
 * 8 bits a colour.
 */
function isCodec(codec: RTCRtpCodec, name: PictureCodec): boolean {
	if (codec.mimeType.toLowerCase() !== `video/${name}`) return false;
	const parameters = codec.sdpFmtpLine ?? "";
	if (name === "vp9") return !/profile-id=[1-9]/.test(parameters);
	if (name !== "h264") return true;
	return (
		/packetization-mode=1(;|$)/.test(parameters) &&
		/profile-level-id=42[4-7c-f]0/i.test(parameters)
	);
}

/**
 * What of the browser's codecs goes on a line: what the server speaks, and what belongs to it: RTX of pictures, and
 * redundancy of voices (RED, RFC 2198), in which the server sends voices over lossy links.
 */
export function preferred(
	codecs: readonly RTCRtpCodec[],
	kind: "audio" | "video",
	pictures: readonly PictureCodec[] = PICTURE_CODECS,
): RTCRtpCodec[] {
	const of = (type: string) =>
		codecs.filter((codec) => codec.mimeType.toLowerCase() === type);
	if (kind === "audio") return [...of("audio/opus"), ...of("audio/red")];
	const chosen = pictures.flatMap((name) =>
		codecs.filter((codec) => isCodec(codec, name)),
	);
	return chosen.length > 0 ? [...chosen, ...of("video/rtx")] : [];
}

/** The codecs that this browser can encode a camera with. */
export function pictureCodecs(
	codecs: readonly RTCRtpCodec[] = RTCRtpSender.getCapabilities?.("video")
		?.codecs ?? [],
): PictureCodec[] {
	return PICTURE_CODECS.filter((name) =>
		codecs.some((codec) => isCodec(codec, name)),
	);
}

/** The codecs offered on a line: all on those that receive, the chosen one, else the first, on those that send. */
export function lineCodecs(
	line: Line,
	codecs: readonly RTCRtpCodec[],
	camera: PictureCodec,
): RTCRtpCodec[] {
	if (line.direction === "recvonly") return preferred(codecs, line.kind);
	const wanted = line.source === "camera" ? camera : PICTURE_CODECS[0];
	const chosen = preferred(codecs, line.kind, [wanted]);
	return chosen.length > 0
		? chosen
		: preferred(codecs, line.kind, [PICTURE_CODECS[0]]);
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
