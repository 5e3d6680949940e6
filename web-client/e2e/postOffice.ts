import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { eventually } from "./eventually";

/** A mail server on loopback that takes every letter and keeps it. */
export class PostOffice {
	readonly #letters: Email[] = [];
	readonly #server = new SMTPServer({
		authOptional: true,
		disabledCommands: ["STARTTLS", "AUTH"],
		onData: async (stream, _session, taken) => {
			const chunks: Buffer[] = [];
			for await (const chunk of stream) chunks.push(chunk);
			this.#letters.push(await PostalMime.parse(Buffer.concat(chunks)));
			taken();
		},
	});

	static async open(): Promise<PostOffice> {
		const office = new PostOffice();
		office.#server.listen(0, "127.0.0.1");
		await once(office.#server.server, "listening");
		return office;
	}

	/** The environment of a server that sends its letters here. */
	get env(): Record<string, string> {
		const { port } = this.#server.server.address() as AddressInfo;
		const key = "DIEMCAU_SIGNALING__MAIL__";
		return {
			[`${key}SERVER`]: "127.0.0.1",
			[`${key}PORT`]: String(port),
			[`${key}TLS`]: "none",
			[`${key}FROM`]: "diemcau@so.example.vn",
		};
	}

	/** The next letter to an address, once it is here. */
	async letterTo(address: string): Promise<Email> {
		let found: Email | undefined;
		await eventually(`a letter to ${address}`, async () => {
			const at = this.#letters.findIndex(({ to }) =>
				to?.some((whom) => whom.address === address),
			);
			[found] = at < 0 ? [] : this.#letters.splice(at, 1);
			return found !== undefined;
		});
		if (!found) throw new Error("it was there");
		return found;
	}

	async close(): Promise<void> {
		await new Promise<void>((done) => this.#server.close(done));
	}
}
