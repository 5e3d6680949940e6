import type { Recording } from "@/protocol/generated/Recording";
import type { Session } from "@/protocol/generated/Session";
import type { SessionAct } from "@/protocol/generated/SessionAct";
import type { SessionRole } from "@/protocol/generated/SessionRole";

const minuteUs = 60_000_000;

/** Microseconds UTC of a local time in the province, for example `at("2026-11-17T08:00")`. */
export const at = (local: string): number =>
	Date.parse(`${local}:00+07:00`) * 1_000;

/** What the server lets a role do, as it answers. */
const mayAs = (role: SessionRole | null): SessionAct[] => [
	...(role === null ? [] : (["enter_room"] as const)),
	...(role === null || role === "viewer" ? [] : (["publish_media"] as const)),
	...(role === "chair" ? (["end_session"] as const) : []),
	...(role === "chair" || role === "secretary"
		? ([
				"manage_links",
				"edit_session",
				"cancel_session",
				"view_history",
			] as const)
		: []),
	"inspect_recordings",
	"view_recordings",
];

/** A planned meeting of two points at 08:00 on 17/11/2026, changed by `part`. */
export function session(part: Partial<Session> = {}): Session {
	const starts = part.starts_at_us ?? at("2026-11-17T08:00");
	return {
		code: "HOP-261117",
		title: "Họp giao ban tháng 11",
		kind: "meeting",
		preset: "discussion",
		state: "planned",
		starts_at_us: starts,
		ends_at_us: starts + 150 * minuteUs,
		opens_at_us: starts - 60 * minuteUs,
		opened_at_us: null,
		over_at_us: null,
		chair: "Đậu Quang Lĩnh",
		secretary: null,
		secrecy: "normal",
		auto_record: false,
		keep_days: 731,
		guests_may_replay: false,
		convening_unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
		my_role: "point",
		may: mayAs(part.my_role === undefined ? "point" : part.my_role),
		invited: [
			{ number: 1, code: "DC-01", name: "Sở GD&ĐT" },
			{ number: 2, code: "DC-02", name: "UBND xã Kim Sơn" },
		],
		present: 0,
		has_recording: false,
		class_code: null,
		cancel_reason: null,
		changeable: "wholly",
		etag: '"1"',
		...part,
	};
}

/** A finished recording of that meeting, changed by `part`. */
export function recording(part: Partial<Recording> = {}): Recording {
	return {
		id: "r1",
		session: "HOP-261117",
		title: "Họp giao ban tháng 11",
		state: "ready",
		started_at_us: at("2026-11-17T08:02"),
		duration_us: 7_080_000_000,
		bytes: 412_000_000,
		progress_percent: 100,
		failure: null,
		keep_until_us: at("2028-11-17T00:00"),
		media_url: "/api/v1/recordings/r1/media",
		may_view: true,
		may_compose: true,
		...part,
	};
}
