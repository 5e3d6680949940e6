import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A network with one computer at the end of a cable: a namespace, a veth pair, a default route. Programs are started in it
 * through `command`; `pull` and `plug` are the cable, `blockUdp` and `passOnly` are firewalls. Only root may make one: others get an error,
 * because a scene that is left out looks like one that passed.
 */
export class Cable {
	/** The address of this machine at the near end: what a server is told as its public address. */
	readonly hostIp: string;
	readonly #name: string;
	readonly #folder: string;
	readonly #carriers: (ChildProcess | Server)[] = [];
	#home = "";

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
		ip("link", "set", far, "netns", this.#name);
		// Without IPv6 there is no search for duplicate addresses, whose end seconds later is one more change of the
		// network, at which Chromium drops its connections. An end that moves forgets this, so it comes after.
		ip("link", "set", near, "addrgenmode", "none");
		this.#inside("ip", "link", "set", far, "addrgenmode", "none");
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
			`#!/bin/sh\n${this.#home}exec ip netns exec ${this.#name} ${program} "$@"\n`,
		);
		chmodSync(path, 0o755);
		return path;
	}

	/**
	 * Makes the programs whose `command` is asked for from here on trust an authority, as a computer does on which a technician
	 * has installed it: in the certificate store that Chromium reads.
	 */
	trust(authority: string): void {
		this.#store(join(this.#folder, ".pki", "nssdb"), authority);
		this.#home = `HOME=${this.#folder} `;
	}

	/** A profile of Firefox, which keeps certificates of its own, in which a technician has installed this authority. */
	firefoxProfile(authority: string): string {
		const profile = join(this.#folder, "firefox");
		this.#store(profile, authority);
		return profile;
	}

	#store(folder: string, authority: string): void {
		mkdirSync(folder, { recursive: true });
		const certutil = (...args: string[]) =>
			execFileSync("certutil", ["-d", `sql:${folder}`, ...args]);
		certutil("-N", "--empty-password");
		certutil("-A", "-t", "C,,", "-n", "Diem Cau", "-i", authority);
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

	/** Lets nothing through to or from one TCP port of the near side. */
	blockPort(port: number): void {
		this.#chains("firewall", {
			input: `iif != lo tcp sport ${port} drop`,
			output: `oif != lo tcp dport ${port} drop`,
		});
	}

	/** Takes away whatever holds packets up. */
	mend(): void {
		this.#inside("nft", "flush", "ruleset");
	}

	/** Takes the firewall away. */
	unblock(): void {
		this.#inside("nft", "delete", "table", "inet", "firewall");
	}

	/** Lets nothing through but one TCP port of the near side, as the strictest firewalls of schools do. */
	passOnly(port: number): void {
		this.#chains("firewall", {
			input: `iif != lo tcp sport != ${port} drop; iif != lo meta l4proto != tcp drop`,
			output: `oif != lo tcp dport != ${port} drop; oif != lo meta l4proto != tcp drop`,
		});
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
		this.#chains(table, {
			input: `iif != lo ${what} drop`,
			output: `oif != lo ${what} drop`,
		});
	}

	/** A table with rules for what comes and what goes. */
	#chains(table: string, rules: { input: string; output: string }): void {
		const chain = (hook: "input" | "output") =>
			`chain ${hook} { type filter hook ${hook} priority 0; policy accept; ${rules[hook]}; }`;
		this.#inside(
			"nft",
			`add table inet ${table} { ${chain("input")}; ${chain("output")}; }`,
		);
	}

	#inside(...command: string[]): void {
		ip("netns", "exec", this.#name, ...command);
	}
}

function ip(...args: string[]): void {
	execFileSync("ip", args, { stdio: "pipe" });
}
