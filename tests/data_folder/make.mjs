// Makes the data folder of a release, for the test that a later program takes it over:
//
//   node tests/data_folder/make.mjs target/debug/diemcau target/debug/loadtest tests/data_folder/<release>.tar.gz
//
// In it are accounts and a schedule, a session with a finished recording, and a session whose server was killed while
// its room was full of things that must not be lost.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { WebSocket } = createRequire(join(process.cwd(), "web-client/package.json"))("ws");
const [diemcau, loadtest, archive] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "diemcau-data-folder-"));
const data = join(work, "data");
const run = (...args) => execFileSync(diemcau, args, { encoding: "utf8" }).trim();

const demo = JSON.parse(run("demo", "--data-dir", data, "--json"));
const port = await new Promise((found) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});
const url = `https://127.0.0.1:${port}`;
const server = spawn(
  diemcau,
  ["serve", "--data-dir", data, "--listen", `127.0.0.1:${port}`, "--public-ip", "127.0.0.1", "--media-port", "0"],
  { stdio: "ignore", env: { ...process.env, DIEMCAU_SIGNALING__SESSIONS__EARLY_MINUTES: "1000000" } },
);
process.on("exit", () => server.kill("SIGKILL"));
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const until = async (what, condition) => {
  for (let tries = 0; tries < 600; tries++) {
    const value = await condition().catch(() => null);
    if (value) return value;
    await new Promise((later) => setTimeout(later, 200));
  }
  throw new Error(`${what} did not happen within two minutes`);
};
await until("the server's start", async () => (await fetch(`${url}/readyz`)).ok);

const headers = { "content-type": "application/json", origin: url };
const ask = async (method, path, body) => {
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
};
const chair = demo.accounts.find(({ login }) => login === "chutri");
const signedIn = await ask("POST", "/sign-in", { login: chair.login, password: chair.password });
headers.cookie = signedIn.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");

const plan = async (title, day) => {
  const begin = (Date.now() + (600 + day) * 86_400e3) * 1000;
  const made = await ask("POST", "/sessions", {
    title, kind: "meeting", secrecy: "normal", bridge_points: ["DC-01", "DC-02", "DC-03"],
    starts_at_us: begin, ends_at_us: begin + 3600e6,
  });
  return (await made.json()).code;
};
const tokenOf = (session, name, role, point) =>
  run("token", "--data-dir", data, "--session", session, "--name", name, "--role", role, ...(point ? ["--point", point] : []));

/** Somebody with a page open in a session. */
const enter = async (session, token) => {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/sessions/${session}`, {
    headers: token ? { authorization: `Bearer ${token}` } : { cookie: headers.cookie, origin: url },
  });
  const waiting = new Map();
  let id = 0;
  const you = await new Promise((welcomed, refused) => {
    socket.on("error", refused);
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", protocol: 1, profile: "desk" })));
    socket.on("message", (text) => {
      const frame = JSON.parse(text);
      if (frame.type === "welcome") { id = frame.last_command_id; welcomed(frame.you); }
      if (frame.type === "bye") refused(new Error(JSON.stringify(frame)));
      if (frame.type === "reply") waiting.get(frame.id)?.(frame.refusal);
    });
  });
  const command = async (command) => {
    id += 1;
    const answered = new Promise((done) => waiting.set(id, done));
    socket.send(JSON.stringify({ type: "command", id, command }));
    const refusal = await answered;
    if (refusal) throw new Error(`${command.type}: ${JSON.stringify(refusal)}`);
  };
  return { you, command };
};

// A session that was recorded, and whose film is there.
const recorded = await plan("Giao ban đã ghi", 0);
const presides = await enter(recorded);
await presides.command({ type: "set_recording", on: true });
const scenario = join(work, "two-points.toml");
writeFileSync(scenario, `about = "two points, 5 s"
duration_s = 5
join_within_s = 0.2
[[group]]
name = "point"
count = 2
role = "point"
via = "websocket"
profile = "room"
publish = ["camera", "microphone"]
layers = ["l"]
`);
const tokens = join(work, "tokens");
writeFileSync(tokens, ["DC-01", "DC-02"].map((point) =>
  JSON.stringify({ name: point, role: "point", token: tokenOf(recorded, `Điểm ${point}`, "point", point) })).join("\n"));
execFileSync(loadtest, ["run", "--url", url, "--session", recorded, "--ca", join(data, "tls/ca.crt"), "--tokens", tokens, "--scenario", scenario], { stdio: "inherit" });
await presides.command({ type: "set_recording", on: false });
await presides.command({ type: "end_session" });
await until("the film", async () => {
  const page = await (await ask("GET", `/sessions/${recorded}/recordings`)).json();
  return JSON.stringify(page).includes('"ready"');
});

// A session in the middle of things.
const running = await plan("Giao ban đang họp", 1);
const lan = await enter(running);
const minh = await enter(running, tokenOf(running, "THPT Quế Phong", "point", "DC-02"));
const tu = await enter(running, tokenOf(running, "THPT Con Cuông", "point", "DC-03"));
const guest = await enter(running, tokenOf(running, "Khách lạ", "viewer"));
await tu.command({ type: "set_microphone", on: true });
for (const text of ["Chào các đồng chí.", "Nghe rõ."]) await minh.command({ type: "send_chat", text });
await lan.command({ type: "remove", participant: guest.you });
await lan.command({ type: "set_lock", participant: tu.you, locked: true });
await minh.command({ type: "raise_hand" });
await tu.command({ type: "raise_hand" });
await lan.command({ type: "grant_floor", participant: minh.you });
await lan.command({ type: "broadcast", participant: tu.you });
await new Promise((later) => setTimeout(later, 1000));
server.kill("SIGKILL");
await new Promise((gone) => server.on("exit", gone));

writeFileSync(join(data, "about.json"), `${JSON.stringify({ recorded, running, chair: chair.login, password: chair.password }, null, 2)}\n`);
execFileSync("tar", ["--sort=name", "--owner=0", "--group=0", "--exclude=./run", "-czf", archive, "-C", data, "."]);
console.log(`${archive}: ${readFileSync(archive).length} bytes`);
rmSync(work, { recursive: true });
process.exit(0);
