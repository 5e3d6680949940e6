import type { Resume } from "../protocol/generated/Resume";

/** Where the proof of one's seat is kept: `sessionStorage`, so that a reloaded page comes back to it and a new tab does not. */
export interface ResumeStore {
	/** Returns what was kept for the session, if anything. */
	read(session: string): Resume | null;
	/** Keeps it. */
	write(session: string, resume: Resume): void;
	/** Forgets it: the seat was given up. */
	clear(session: string): void;
}

/** A {@link ResumeStore} over a Web Storage; a storage that refuses (private mode, full) is as good as an empty one. */
export function storedResume(storage: Storage): ResumeStore {
	const key = (session: string) => `diemcau.resume.${session}`;
	return {
		read(session) {
			try {
				const value: unknown = JSON.parse(
					storage.getItem(key(session)) ?? "null",
				);
				return isResume(value) ? value : null;
			} catch {
				return null;
			}
		},
		write(session, resume) {
			try {
				storage.setItem(key(session), JSON.stringify(resume));
			} catch {
				// Without storage a reload takes a new seat; the connection itself still resumes.
			}
		},
		clear(session) {
			try {
				storage.removeItem(key(session));
			} catch {
				// As above.
			}
		},
	};
}

function isResume(value: unknown): value is Resume {
	return (
		typeof value === "object" &&
		value !== null &&
		"token" in value &&
		typeof value.token === "string" &&
		"last_seq" in value &&
		typeof value.last_seq === "number"
	);
}
