// A certified OpenID Connect provider as a process of its own, on loopback. Its settings come as JSON in the first argument: port,
// the address to come back to, and which key it signs with. Whoever types a name is let in as that name.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const { port, redirect, secret, key } = JSON.parse(process.argv[2]);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = privateKey.export({ format: "jwk" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
	clients: [
		{
			client_id: "diemcau",
			client_secret: secret,
			redirect_uris: [redirect],
			response_types: ["code"],
			grant_types: ["authorization_code"],
		},
	],
	jwks: { keys: [{ ...jwk, use: "sig", alg: "RS256", kid: key }] },
	cookies: { keys: ["a key of the test"] },
	claims: { openid: ["sub", "preferred_username", "groups"] },
	conformIdTokenClaims: false,
	pkce: { required: () => true },
	findAccount: (_, id) => ({
		accountId: id,
		claims: () => ({
			sub: id,
			preferred_username: id,
			groups: ["can-bo"],
		}),
	}),
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
