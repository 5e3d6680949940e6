import { words as accounts } from "@/office/accounts/words.vi";
import { words as org } from "@/office/org/words.vi";
import { words as peopleImport } from "@/office/people/import/words.vi";
import { words as people } from "@/office/people/words.vi";
import { words as guide } from "@/office/system/guide/words.vi";
import { words as settings } from "@/office/system/settings/words.vi";
import { words as system } from "@/office/system/words.vi";
import { words as secondFactor } from "@/shared/second-factor/words.vi";

/** What only the pages of administrators say, and those of one's own account: fetched with the first of them. */
export default {
	...accounts,
	...people,
	...system,
	...settings,
	...guide,
	...org,
	...peopleImport,
	...secondFactor,
};
