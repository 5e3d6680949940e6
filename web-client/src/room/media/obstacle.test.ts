import { describe, expect, it } from "vitest";
import { obstacleOf } from "./obstacle";

const LOCAL =
	"v=0\r\na=candidate:1 1 udp 2122260223 10.0.0.2 50000 typ host generation 0\r\n";
const RELAY =
	"a=candidate:2 1 udp 41885439 192.0.2.2 40000 typ relay raddr 10.0.0.2 rport 50001\r\n";
const REMOTE =
	"v=0\r\na=candidate:1 1 udp 2130706431 203.0.113.1 7001 typ host\r\n" +
	"a=candidate:2 1 udp 2130706175 203.0.113.1 7000 typ host\r\n" +
	"a=candidate:3 1 tcp 1518280447 203.0.113.1 7000 typ host tcptype passive\r\n";

describe("an obstacle", () => {
	it("is the network where the server offers no other way", () => {
		expect(obstacleOf(LOCAL, REMOTE, false)).toEqual({
			cause: "no_relay",
			ports: [7000, 7001],
		});
	});

	it("is the way through HTTPS where no relay was opened", () => {
		expect(obstacleOf(LOCAL, REMOTE, true).cause).toBe("relay_closed");
	});

	it("is the engine where even a relay leads nowhere", () => {
		expect(obstacleOf(LOCAL + RELAY, REMOTE, true).cause).toBe("engine_silent");
	});
});
