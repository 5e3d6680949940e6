// The settings of the stand-in server: as the real one tells them.

const lately = (now) => ({
	at_us: now - 15 * 86_400_000_000,
	by: "Phan Thị Thanh Huyền",
});

const number = (key, group, unit, least, most, fallback, more = {}) => ({
	key,
	group,
	shape: { type: "number", least, most, unit },
	value: fallback,
	default: fallback,
	is_own: false,
	changed: null,
	...more,
});

const text = (key, limit, value) => ({
	key,
	group: "branding",
	shape: { type: "text", limit },
	value,
	default: null,
	is_own: value !== null,
	changed: null,
});

const kinds = [
	"meeting",
	"briefing",
	"conference",
	"seminar",
	"training",
	"class_observation",
];

/** What the stand-in's department is called. */
export const branding = {
	name: "Sở Giáo dục và Đào tạo Hoan Châu",
	short_name: "Sở GD&ĐT Hoan Châu",
	emblem: null,
};

const counts = { units: 1, points: 1, people: 1, accounts: 1, test_call: 0 };

/** `GET guide`: of an installation of the day before, or of one that has been there for long. */
export const guideOf = (isNew) => ({
	is_open: isNew,
	is_closed: false,
	steps: Object.entries(counts).map(([step, count], index) => ({
		step,
		count: isNew ? (index === 0 ? 130 : count) : 22,
		is_done: !isNew || index === 0,
		is_skipped: false,
	})),
});

/** `GET settings`. */
export function settingsOf(now) {
	const target = (key, percent) => ({
		key,
		percent,
		changed: percent === null ? null : lately(now),
	});
	const year = (year, is_over, [a, b, c, d]) => ({
		year,
		from: `${year - 1}-12-15`,
		to: `${year}-12-14`,
		is_over,
		targets: [
			target("online_meeting_rate", a),
			target("blended_class_rate", b),
			target("blended_content_rate", c),
			target("teacher_coverage", d),
		],
	});
	const own = { is_own: true, changed: lately(now) };
	return {
		etag: '"7"',
		may_change: true,
		settings: [
			number("early_minutes", "sessions", "minutes", 0, 1440, 60, {
				value: 30,
				...own,
			}),
			number("max_interactive", "sessions", "places", 4, 500, 60),
			number("max_receive_only", "sessions", "places", 0, 5000, 1000),
			number("link_hours_after_end", "sessions", "hours", 0, 72, 2),
			number("guest_replay_days", "sessions", "days", 0, 365, 7),
			{
				...number("session_kind", "new_sessions"),
				shape: { type: "choice", words: kinds },
				value: "meeting",
				default: "meeting",
			},
			number("session_minutes", "new_sessions", "minutes", 15, 720, 90),
			{
				...number("auto_record", "new_sessions"),
				shape: {
					type: "choice",
					words: [
						"never",
						"conferences",
						"conferences_and_trainings",
						"always",
					],
				},
				value: "conferences_and_trainings",
				default: "conferences",
				...own,
			},
			number("sign_in_hours", "sign_in", "hours", 1, 720, 12),
			...kinds.map((kind) =>
				number(`${kind}_recording_days`, "retention", "days", 7, 36525, 731),
			),
			number("link_sample_days", "retention", "days", 1, 3660, 30),
			number("sign_in_days", "retention", "days", 7, 3660, 30),
			text("department_name", 160, branding.name),
			text("department_short_name", 32, branding.short_name),
		],
		emblem: null,
		years: [
			year(2025, true, [70, 50, null, 85]),
			year(2026, false, [80, 60, 70, 90]),
			year(2027, false, [80, null, null, null]),
		],
		fixed: [
			["signaling.toml", "listen", "[::]:8443"],
			["signaling.toml", "public_url", "https://diemcau.hoanchau.example"],
			["signaling.toml", "database.connections", "8"],
			["signaling.toml", "database.url", null, true],
			["signaling.toml", "tls.key_file", null, true],
			["signaling.toml", "backup.folder", "/mnt/backup"],
			["signaling.toml", "backup.keep", "14"],
			["sfu.toml", "media_port", "7000"],
			["sfu.toml", "public_ips", null],
			["recorder.toml", "compose.preset", "veryfast"],
		].map(([file, key, value, is_secret = false]) => ({
			file,
			key,
			value,
			is_secret,
			is_set: value !== null || key === "database.url",
		})),
	};
}
