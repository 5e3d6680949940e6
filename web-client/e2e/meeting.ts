import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cable } from "./network";
import { besideServer, type Server } from "./server";

/** What everybody of a meeting got. */
export interface Meeting {
	joined: number;
	failed: number;
	/** Of whoever saw or heard the fewest. */
	fewest_stages: number;
	fewest_voices: number;
}

/** Small pictures, and few for each, so that a debug build on two busy cores holds them. */
const scenario = (points: number) => `
about = "points whose firewall passes the port of HTTPS alone"
duration_s = 10
join_within_s = ${points / 2}

[[group]]
name = "point"
count = ${points}
role = "point"
via = "websocket"
profile = "phone"
publish = ["camera", "microphone"]
layers = ["l"]
`;

/** Lets this many points of the load generator meet from the far end of a cable, through the server's port of HTTPS alone. */
export async function meet(
	server: Server,
	cable: Cable,
	points: number,
): Promise<Meeting> {
	const folder = mkdtempSync(join(tmpdir(), "diemcau-meeting-"));
	const file = (name: string) => join(folder, name);
	try {
		const tokens = await server.tokens("point", "Điểm cầu", points);
		const role = "point";
		const lines = tokens.map((token) => JSON.stringify({ role, token }));
		writeFileSync(file("tokens"), lines.join("\n"));
		writeFileSync(file("meeting.toml"), scenario(points));
		const said = await output(cable.command(besideServer("loadtest")), [
			...["run", "--scenario", file("meeting.toml"), "--only-https"],
			...["--url", server.url, "--ca", server.authority],
			...["--session", server.session, "--tokens", file("tokens")],
			...["--json", file("report.json")],
		]);
		const report: { groups: Meeting[] } = JSON.parse(
			readFileSync(file("report.json"), "utf8"),
		);
		const [meeting] = report.groups;
		if (!meeting) throw new Error(`nobody met: ${said}`);
		return meeting;
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
