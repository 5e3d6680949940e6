// What the stand-in says of second factors.

const day = 86_400_000_000;

const codes = ["7KQ4", "MW2P", "XH3R", "R9TD", "3XHC", "2VNP", "8LKA", "T5WQ"];
const recovery = Array.from({ length: 10 }, (_, index) =>
	[codes[index % 8], codes[(index + 3) % 8], `XH3${"ABCDEFGHJK"[index]}`].join(
		" ",
	),
);

/** Answers what is about second factors: a status and a body; none when it is about something else. */
export function secondFactor(path, body, who, now) {
	const refuse = (code, params = {}) => [
		422,
		{ status: 422, code, title: code, params },
	];
	switch (path) {
		case "sign-in/second":
			if (body.code === "111111") {
				return refuse("phone_clock_off", { reason: "behind", minutes: "2" });
			}
			return [200, { me: null, recovery_codes_left: 2 }];
		case "account/second-factor":
			return [
				200,
				{
					since_us: who === "lanh" ? now - 40 * day : null,
					recovery_codes_left: who === "lanh" ? 8 : 0,
					demanded: false,
					asks_password: who !== "owing",
				},
			];
		case "account/second-factor/secret":
			return [200, { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }];
		case "account/second-factor/confirm":
			if (body.code === "111111") return refuse("wrong_second_code");
			return [200, { codes: recovery }];
		default:
			return null;
	}
}
