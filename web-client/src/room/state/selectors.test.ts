import { describe, expect, it } from "vitest";
import type { LinkReport } from "@/protocol/generated/LinkReport";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import { link } from "@/test/link";
import { actsOf, hand, meeting, person, turn } from "@/test/room";
import {
	firstInQueue,
	linkVerdict,
	mainPicture,
	nameOf,
	placesOf,
	whoAt,
	whoIs,
} from "./selectors";
import { fromSnapshot } from "./state";
import { emptyView, type RoomView } from "./store";

const open = { on: true, muted: false, locked: false, granted: false };

/** What somebody sees of a room. */
function seen(
	you: string,
	change: Partial<Snapshot>,
	view: Partial<RoomView> = {},
): RoomView {
	const room = fromSnapshot(meeting(change), null);
	return {
		...emptyView,
		you,
		may: actsOf(room, you),
		room,
		...view,
	};
}

/** A stage line that shows somebody. */
const stage = (participant: string): RoomView["slots"] => ({
	"7": {
		mid: "7",
		kind: "stage",
		track: { participant, source: "camera" },
		paused: null,
	},
});

describe("who somebody is", () => {
	const people = [
		person("so", { name: "Đậu Quang Lĩnh", seat: 1, bridge_point: "b1" }),
		person("qp", { name: "Lô Thị Hằng", bridge_point: "b3" }),
		person("guest", { name: "Vi Văn Anh", role: "presenter" }),
	];
	const room = fromSnapshot(
		meeting({
			participants: people,
			removed: [{ participant: "gone", name: "Vinh", bridge_point: "b2" }],
		}),
		null,
	);

	it("is the point first and the person second, also without a seat of one's own", () => {
		expect(whoIs(room, "so")).toEqual({
			number: 1,
			name: "Sở GD&ĐT",
			person: "Đậu Quang Lĩnh",
		});
		expect(whoIs(room, "qp")).toMatchObject({
			number: 3,
			name: "Quế Phong",
			person: "Lô Thị Hằng",
		});
		expect(nameOf(room, "qp")).toBe("Quế Phong (Lô Thị Hằng)");
	});

	it("is the person alone where there is no point, or where both have one name", () => {
		expect(whoIs(room, "guest")).toEqual({
			number: null,
			name: "Vi Văn Anh",
			person: null,
		});
		expect(nameOf(room, "gone")).toBe("Vinh");
	});

	it("is known of a line of the chat whose writer has left", () => {
		const line = { name: "Lô Thị Hằng", bridge_point: "b3" };
		expect(whoAt(room, line).name).toBe("Quế Phong");
	});
});

describe("the wall", () => {
	it("has a viewer for as long as the viewer has the floor, is shown to all, or shares a screen", () => {
		const viewer = person("v", { role: "viewer", name: "Giáo viên" });
		const has = (change: Partial<Snapshot>) =>
			placesOf(
				fromSnapshot(meeting({ participants: [viewer], ...change }), null),
			).some(({ occupant }) => occupant === "v");
		expect(has({})).toBe(false);
		expect(has({ floor: "v", turn: turn() })).toBe(true);
		expect(has({ broadcast: "v" })).toBe(true);
		expect(has({ screen: "v" })).toBe(true);
	});
});

describe("the queue", () => {
	it("passes over who is being reconnected and who speaks already", () => {
		const room = (floor: string | null) =>
			fromSnapshot(
				meeting({
					floor,
					turn: floor ? turn() : null,
					hands: [hand("vinh"), hand("so"), hand("qp")],
					participants: [
						person("vinh", { connection: "reconnecting" }),
						person("so"),
						person("qp"),
					],
				}),
				null,
			);
		expect(firstInQueue(room(null))?.id).toBe("so");
		expect(firstInQueue(room("so"))?.id).toBe("qp");
	});
});

describe("the main picture", () => {
	const chair = person("so", {
		seat: 1,
		role: "chair",
		camera_on: false,
		microphone: open,
	});
	const vinh = person("vinh", { seat: 2 });

	it("is the plate of the chair who speaks with the camera off, and not nobody", () => {
		const view = seen(
			"vinh",
			{ participants: [chair, vinh] },
			{ speaker: "so" },
		);
		expect(mainPicture(view)).toMatchObject({
			kind: "camera",
			participant: "so",
			mid: null,
		});
	});

	it("is the chair's plate also when nobody speaks, and nobody only when one is alone", () => {
		expect(
			mainPicture(seen("vinh", { participants: [chair, vinh] })),
		).toMatchObject({ participant: "so" });
		expect(mainPicture(seen("so", { participants: [chair] }))).toEqual({
			kind: "nothing",
		});
	});

	it("is no grey picture of a guest who was lost", () => {
		const guest = person("g", {
			role: "presenter",
			connection: "reconnecting",
		});
		const view = seen(
			"vinh",
			{ participants: [chair, vinh, guest] },
			{ slots: stage("g") },
		);
		expect(mainPicture(view)).toMatchObject({ participant: "so" });
	});

	it("stays with a point that was called to speak while it is being reconnected", () => {
		const lost = person("qp", { seat: 3, connection: "reconnecting" });
		const change = { participants: [chair, vinh, lost] };
		const slots = stage("qp");
		expect(
			mainPicture(
				seen("vinh", { ...change, floor: "qp", turn: turn() }, { slots }),
			),
		).toMatchObject({ participant: "qp" });
		expect(mainPicture(seen("vinh", change, { slots }))).toMatchObject({
			participant: "so",
		});
	});

	it("is a shared screen, unless another point is shown to all or one chose a camera", () => {
		const main = (broadcast: string | null, you = "vinh", pinned = false) =>
			mainPicture(
				seen(
					you,
					{ participants: [chair, vinh], screen: "so", broadcast },
					{
						slots: stage("vinh"),
						pinned: pinned ? { participant: "vinh", source: "camera" } : null,
					},
				),
			);
		expect(main(null)).toMatchObject({ kind: "screen", participant: "so" });
		expect(main("so")).toMatchObject({ kind: "screen", participant: "so" });
		expect(main("vinh", "so")).toMatchObject({
			kind: "camera",
			participant: "vinh",
			onAir: true,
		});
		expect(main("vinh", "vinh")).toMatchObject({ kind: "screen" });
		expect(main(null, "so", true)).toMatchObject({
			kind: "camera",
			participant: "vinh",
		});
	});

	it("is one's own while one's turn is announced, whatever the server or a shared screen shows", () => {
		const view = seen(
			"vinh",
			{
				participants: [chair, vinh],
				floor: "vinh",
				turn: turn({ opens_at_us: 3_000_000 }),
				screen: "so",
			},
			{ slots: stage("so") },
		);
		expect(mainPicture(view)).toMatchObject({
			kind: "camera",
			participant: "vinh",
			own: true,
		});
	});
});

describe("one's own link", () => {
	const over = (part: Partial<LinkReport>): RoomView => ({
		...emptyView,
		mediaUp: true,
		link: link(part),
	});

	it("is weak where the board says so, and by its path alone goes by a fallback", () => {
		expect(linkVerdict(over({}))).toBe("good");
		expect(linkVerdict(over({ egress_loss_percent: 4 }))).toBe("weak");
		expect(linkVerdict(over({ rtt_ms: 301 }))).toBe("weak");
		expect(linkVerdict(over({ path: "tcp" }))).toBe("fallback");
		expect(linkVerdict(over({ path: "tls" }))).toBe("fallback");
		expect(linkVerdict(over({ path: "tls", rtt_ms: 301 }))).toBe("weak");
	});

	it("is good until something was measured", () => {
		expect(linkVerdict({ ...emptyView, mediaUp: true })).toBe("good");
	});
});
