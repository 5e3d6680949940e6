import { execFile } from "node:child_process";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cable } from "./network";
import { besideServer, type Server } from "./server";

/** What the members of a group got. */
export interface GroupResult {
	joined: number;
	failed: number;
	/** Of whoever saw or heard the fewest. */
	fewest_stages: number;
	fewest_voices: number;
}

/** Two speak and the others listen, with small pictures: a debug build on two busy cores holds that. */
const scenario = (listeners: number) => `
about = "points whose firewall passes the port of HTTPS alone"
duration_s = 5
join_within_s = ${listeners + 2}

[[group]]
name = "speaker"
count = 2
role = "point"
via = "websocket"
profile = "phone"
publish = ["camera", "microphone"]
layers = ["l"]

[[group]]
name = "listener"
count = ${listeners}
role = "point"
via = "websocket"
profile = "phone"
`;

/**
 * Lets points of the load generator meet at the far end of a cable, through the server's port of HTTPS alone: two speakers and
 * this many listeners, whose results come in this order.
 */
export async function meet(
	server: Server,
	cable: Cable,
	listeners: number,
): Promise<GroupResult[]> {
	const folder = mkdtempSync(join(tmpdir(), "diemcau-meeting-"));
	const file = (name: string) => join(folder, name);
	try {
		const role = "point";
		const tokens = await server.tokens(role, "Điểm cầu", listeners + 2);
		const lines = tokens.map((token) => JSON.stringify({ role, token }));
		writeFileSync(file("tokens"), lines.join("\n"));
		writeFileSync(file("meeting.toml"), scenario(listeners));
		const said = await output(cable.command(besideServer("loadtest")), [
			...["run", "--scenario", file("meeting.toml"), "--only-https"],
			...["--url", server.url, "--ca", server.authority],
			...["--session", server.session, "--tokens", file("tokens")],
			...["--json", file("report.json")],
		]);
		if (!existsSync(file("report.json"))) throw new Error(said);
		const report: { groups: GroupResult[] } = JSON.parse(
			readFileSync(file("report.json"), "utf8"),
		);
		return report.groups;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** What a program says, whatever it thinks of its success: the report is what counts. */
function output(program: string, args: string[]): Promise<string> {
	return new Promise((done) => {
		execFile(program, args, (_, stdout, stderr) => done(stdout + stderr));
	});
}
