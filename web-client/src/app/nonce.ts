import { setNonce } from "get-nonce";

/** What the server wrote into the page's head so that its style elements pass the Content-Security-Policy; absent in development. */
export const styleNonce = document.querySelector<HTMLMetaElement>(
	'meta[property="csp-nonce"]',
)?.nonce;

// The scroll lock below drawers and dialogs writes a style element of its own.
if (styleNonce) setNonce(styleNonce);
