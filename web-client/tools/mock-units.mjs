// The made-up units of the stand-in for the server: a tree that changed on 1 July 2025 and will again.

const today = "2026-11-17";
const reform = "2025-07-01";
const planned = "2027-01-01";

const communes = [
	["XA-KS", "UBND xã Kim Sơn", "PGD-QP"],
	["XA-ML", "UBND xã Mường Lống", "PGD-KS"],
	["XA-MX", "UBND xã Mường Xén", "PGD-KS"],
	["XA-MT", "UBND xã Mường Típ", "PGD-KS"],
	["XA-HT", "UBND xã Hưng Thịnh", "PGD-HN"],
	["PH-CN", "UBND phường Cửa Nam", "PGD-V"],
	["XA-CB", "UBND xã Châu Bình", "PGD-QP"],
	["XA-TL", "UBND xã Thanh Lâm", "PGD-TC"],
	["XA-YH", "UBND xã Yên Hòa", "PGD-TC"],
];
const districts = [
	["PGD-KS", "Phòng GD&ĐT huyện Kỳ Sơn"],
	["PGD-QP", "Phòng GD&ĐT huyện Quế Phong"],
	["PGD-HN", "Phòng GD&ĐT huyện Hưng Nguyên"],
	["PGD-TC", "Phòng GD&ĐT huyện Thanh Chương"],
	["PGD-V", "Phòng GD&ĐT thành phố Vinh"],
];
const levels = [
	["MN", "Trường mầm non"],
	["TH", "Trường TH"],
	["CS", "Trường THCS"],
];

const spans = [
	["SO", "Sở GD&ĐT Hoan Châu", "department", null, "2020-01-01", null],
	...districts.map(([code, name]) => [
		code,
		name,
		"district_office",
		"SO",
		"2020-01-01",
		"2025-06-30",
	]),
	...communes.map(([code, name]) => [
		code,
		name,
		"commune_unit",
		"SO",
		reform,
		code === "XA-MT" ? "2026-12-31" : null,
	]),
	...communes.flatMap(([code, name, old]) =>
		levels.flatMap(([short, level]) => {
			const school = [
				`${short}-${code.slice(3)}`,
				`${level} ${name.replace(/^UBND (xã|phường) /, "")}`,
				"school",
			];
			const later =
				code === "XA-MT" ? [[...school, "XA-MX", planned, null]] : [];
			return [
				[...school, old, "2020-01-01", "2025-06-30"],
				[...school, code, reform, later.length > 0 ? "2026-12-31" : null],
				...later,
			];
		}),
	),
].map(([code, name, kind, parent, from, to]) => ({
	code,
	name,
	kind,
	parent,
	from,
	to,
}));

const nameOf = (code) => ({
	code,
	name: spans.findLast((span) => span.code === code).name,
});

function becameOf(code) {
	const of = communes.filter(([, , old]) => old === code).map(([next]) => next);
	return code === "XA-MT" ? ["XA-MX"] : of;
}

function rowsOf(day) {
	const last = new Map();
	for (const span of spans) if (span.from <= day) last.set(span.code, span);
	return [...last.values()].map((span, index) => {
		const ended = span.to !== null && span.to < day;
		return {
			...span,
			ended,
			became: ended ? becameOf(span.code).map(nameOf) : [],
			people: ended ? 0 : 8 + ((index * 7) % 40),
			points: ended || index % 3 > 0 ? 0 : 1,
		};
	});
}

/** The tree of a day. */
export const treeOf = (day = today) => ({
	day,
	today,
	units: rowsOf(day),
	days: [
		{ day: "2020-01-01", changes: 33 },
		{ day: reform, changes: 36 },
		{ day: planned, changes: 3 },
	],
});

/** A unit, or nothing. */
export function unitOf(code, day = today) {
	const unit = rowsOf(day).find((row) => row.code === code);
	if (unit === undefined) return null;
	const above = [];
	for (let at = unit.parent; at !== null; ) {
		above.push(nameOf(at));
		at = rowsOf(day).find((row) => row.code === at)?.parent ?? null;
	}
	const succession = (other, on, kind) => ({
		unit: nameOf(other),
		kind,
		day: on,
	});
	const old = communes.find(([next]) => next === code)?.[2];
	return {
		unit,
		above,
		versions: spans
			.filter((span) => span.code === code)
			.map((span) => ({
				...span,
				parent: span.parent === null ? null : nameOf(span.parent),
			})),
		came_from: [
			...(old ? [succession(old, reform, "split")] : []),
			...(code === "XA-MX" ? [succession("XA-MT", planned, "merged")] : []),
		],
		became: becameOf(code).map((next) =>
			code === "XA-MT"
				? succession(next, planned, "merged")
				: succession(next, reform, "split"),
		),
		points:
			unit.points > 0
				? [
						{
							point: { number: 11, code: "DC-11", name: unit.name },
							host: true,
							from: unit.from,
						},
						{
							point: { number: 1, code: "DC-01", name: "Sở GD&ĐT" },
							host: false,
							from: unit.from,
						},
					]
				: [],
		may: unit.ended ? [] : ["add_below", "change"],
	};
}

/** What a decision would move. */
export const effectOf = ({ steps }) => ({
	rows: 41 * steps.length,
	units: steps.flatMap((step) =>
		(step.codes ?? [step.code ?? step.unit?.code]).map((code) => {
			const known = spans.findLast((span) => span.code === code);
			const told = known && {
				name: known.name,
				kind: known.kind,
				parent: known.parent === null ? null : nameOf(known.parent),
			};
			const goes = step.act === "merge" && step.into.code !== code;
			return {
				code,
				before: known ? told : null,
				after: goes || step.act === "close" ? null : (told ?? null),
				heir: goes ? { code: step.into.code, name: step.into.name } : null,
			};
		}),
	),
	moved: [
		{
			kind: "appointment",
			moved: 212,
			ended: 2,
			names: ["Vừ Bá Súa", "Moong Thị Huyền", "Lô Văn Thắng"],
		},
		{ kind: "point", moved: 2, ended: 0, names: ["Kỳ Sơn", "Mường Xén"] },
		{ kind: "grant", moved: 5, ended: 2, names: ["Vừ Bá Súa"] },
		{
			kind: "session",
			moved: 1,
			ended: 0,
			names: ["Giao ban cụm trường Tây Sơn"],
		},
		{
			kind: "booking",
			moved: 4,
			ended: 0,
			names: ["Giao ban cụm trường Tây Sơn"],
		},
	],
});

/** Decisions that were written. */
export const changesOf = (now) => [
	{
		id: "c2",
		document: "88/NQ-HĐND",
		title: "Sáp nhập xã Mường Típ vào xã Mường Xén",
		day: planned,
		state: "planned",
		rows: 41,
		by: "Đậu Quang Lĩnh",
		created_at_us: now - 3 * 86_400_000_000,
		steps: [
			{
				act: "merge",
				codes: ["XA-MT", "XA-MX"],
				into: {
					code: "XA-MX",
					name: "UBND xã Mường Xén",
					kind: "commune_unit",
					parent: "SO",
				},
			},
		],
		may: ["undo"],
	},
	{
		id: "c1",
		document: "1678/NQ-UBTVQH15",
		title: "Sắp xếp các đơn vị hành chính cấp xã của tỉnh",
		day: reform,
		state: "applied",
		rows: 397,
		by: null,
		created_at_us: now - 500 * 86_400_000_000,
		steps: districts.map(([code]) => ({ act: "close", code, heir: null })),
		may: [],
	},
];

/** What a file of units comes to. */
export const readingOf = () => ({
	rows: communes.map(([code, name], index) => ({
		line: index + 2,
		code,
		name: index === 4 ? null : name,
		outcome:
			index === 4 || index === 6 ? "refused" : index < 3 ? "same" : "new",
		fault: index === 4 ? "no_name" : index === 6 ? "unknown_parent" : null,
	})),
	effect: null,
});

/** The register of these points. */
export const registerOf = (points, now) =>
	points.map((point, index) => {
		const [code, name] = communes[index % communes.length];
		return {
			point,
			main: index === 0,
			closed: index === 20,
			host: { unit: { code, name }, from: reform, to: null },
			served:
				index % 4 === 1
					? [{ unit: nameOf("TH-MX"), from: reform, to: null }]
					: [],
			rooms:
				index % 3 === 0
					? [
							{
								code: `PH-${index}`,
								name: "Phòng họp",
								seats: 24 + index,
								dual_use: true,
								asset_code: null,
								equipment: [
									{ name: "Camera PTZ", count: 1, asset_code: "TS-0412" },
									{ name: "Micro cổ ngỗng", count: 6, asset_code: null },
								],
							},
						]
					: [],
			last_seen_us: index % 5 === 0 ? null : now - index * 3_600_000_000,
			may: index === 20 ? [] : ["edit", "close"],
			etag: '"7f3a"',
		};
	});
