import { words as app } from "@/app/words.en";
import { words as lengths } from "@/format/words.en";
import { words as kit } from "@/kit/words.en";
import { words as access } from "@/office/access/words.en";
import { words as accounts } from "@/office/accounts/words.en";
import { words as monitor } from "@/office/monitor/words.en";
import { words as org } from "@/office/org/words.en";
import { words as peopleImport } from "@/office/people/import/words.en";
import { words as people } from "@/office/people/words.en";
import { words as replay } from "@/office/recording/words.en";
import { words as schedule } from "@/office/schedule/words.en";
import { words as guide } from "@/office/system/guide/words.en";
import { words as settings } from "@/office/system/settings/words.en";
import { words as system } from "@/office/system/words.en";
import { words as training } from "@/office/training/words.en";
import { words as room } from "@/room/words.en";
import { words as signedIn } from "@/session/words.en";
import { words as point } from "@/shared/point/words.en";
import { words as recording } from "@/shared/recording/words.en";
import { words as secondFactor } from "@/shared/second-factor/words.en";
import { words as session } from "@/shared/session/words.en";
import type vi from "./vi";
import { words as common } from "./words.en";

/** The shape of a catalogue: the same keys, any words. */
type Words<T> = {
	[Key in keyof T]: T[Key] extends string ? string : Words<T[Key]>;
};

/** English: the compiler refuses a missing key, and a test a surplus one. */
const en: Words<typeof vi> = {
	pages: {
		...common,
		...app,
		...signedIn,
		...kit,
		...lengths,
		...session,
		...recording,
		...point,
		...access,
		...accounts,
		...schedule,
		...training,
		...replay,
		...monitor,
		...people,
		...system,
		...settings,
		...guide,
		...org,
		...peopleImport,
		...secondFactor,
	},
	room,
};

export default en;
