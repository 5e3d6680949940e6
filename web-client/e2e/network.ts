import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A network with one computer at the end of a cable: a namespace, a veth pair, a default route. Programs are started in it
 * through `command`; `pull` and `plug` are the cable, `blockUdp` is a firewall. Only root may make one: others get an error,
 * because a scene that is left out looks like one that passed.
 */
export class Cable {
	/** The address of this machine at the near end: what a server is told as its public address. */
	readonly hostIp: string;
	readonly #name: string;
	readonly #folder: string;
	readonly #carriers: (ChildProcess | Server)[] = [];

	constructor(number: number) {
		if (process.getuid?.() !== 0) {
			throw new Error(
				"this scene makes a network namespace, which only root may: run the tests as root",
			);
		}
		this.#name = `dc-e2e-${process.pid}-${number}`;
		this.hostIp = `10.213.${number}.1`;
		this.#folder = mkdtempSync(join(tmpdir(), "diemcau-cable-"));
		const near = `dc${process.pid % 100_000}n${number}`;
		const far = `dc${process.pid % 100_000}f${number}`;
		ip("netns", "add", this.#name);
		ip("link", "add", near, "type", "veth", "peer", "name", far);
		// Without IPv6 there is no search for duplicate addresses, whose end seconds later is one more change of the
		// network, at which Chromium drops its connections.
		for (const end of [near, far]) {
			ip("link", "set", end, "addrgenmode", "none");
		}
		ip("link", "set", far, "netns", this.#name);
		ip("addr", "add", `${this.hostIp}/24`, "dev", near);
		ip("link", "set", near, "up");
		this.#inside("ip", "addr", "add", `10.213.${number}.2/24`, "dev", far);
		this.#inside("ip", "link", "set", "lo", "up");
		this.#inside("ip", "link", "set", far, "up");
		this.#inside("ip", "route", "add", "default", "via", this.hostIp);
	}

	/** The path of a program that runs another one at the far end, with all its arguments. */
	command(program: string): string {
		const path = join(this.#folder, "run");
		writeFileSync(
			path,
			`#!/bin/sh\nexec ip netns exec ${this.#name} ${program} "$@"\n`,
		);
		chmodSync(path, 0o755);
		return path;
	}

	/** Makes a port of the far computer's loopback reachable under the same number on this one: how a browser there is driven. */
	forward(port: number): void {
		const path = join(this.#folder, `port-${port}`);
		const relay = `const net = require("node:net");
			net.createServer((near) => {
				const far = net.connect(${port}, "127.0.0.1");
				near.pipe(far).pipe(near);
				for (const end of [near, far]) end.on("error", () => { near.destroy(); far.destroy(); });
			}).listen(${JSON.stringify(path)});`;
		const far = spawn(
			"ip",
			["netns", "exec", this.#name, process.execPath, "-e", relay],
			{ stdio: "ignore" },
		);
		const near = createServer((caller) => {
			const carried = connect(path);
			caller.pipe(carried).pipe(caller);
			for (const end of [caller, carried]) {
				end.on("error", () => {
					caller.destroy();
					carried.destroy();
				});
			}
		}).listen(port, "127.0.0.1");
		this.#carriers.push(far, near);
	}

	/** Pulls the cable: from here on every packet is lost, and nobody is told. */
	pull(): void {
		this.#drop("cable");
	}

	/** Plugs it in again. */
	plug(): void {
		this.#inside("nft", "delete", "table", "inet", "cable");
	}

	/** Lets no datagram through, in either direction, as the firewalls of some schools do; TCP passes. */
	blockUdp(): void {
		this.#drop("firewall", "meta l4proto udp");
	}

	remove(): void {
		for (const carrier of this.#carriers) {
			if ("kill" in carrier) carrier.kill();
			else carrier.close();
		}
		ip("netns", "del", this.#name);
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** Loses what matches `what` on every way but the loopback, by a table of its own. */
	#drop(table: string, what = ""): void {
		this.#inside("nft", "add", "table", "inet", table);
		for (const [hook, way] of [
			["input", "iif"],
			["output", "oif"],
		]) {
			this.#inside(
				"nft",
				`add chain inet ${table} ${hook} { type filter hook ${hook} priority 0; policy accept; }`,
			);
			this.#inside(
				"nft",
				`add rule inet ${table} ${hook} ${way} != lo ${what} drop`,
			);
		}
	}

	#inside(...command: string[]): void {
		ip("netns", "exec", this.#name, ...command);
	}
}

function ip(...args: string[]): void {
	execFileSync("ip", args, { stdio: "pipe" });
}
