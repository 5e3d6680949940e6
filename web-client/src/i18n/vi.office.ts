import { words as accounts } from "@/office/accounts/words.vi";
import { words as org } from "@/office/org/words.vi";
import { words as peopleImport } from "@/office/people/import/words.vi";
import { words as people } from "@/office/people/words.vi";
import { words as system } from "@/office/system/words.vi";

/** What only the pages of administrators say, and those of one's own account: fetched with the first of them. */
export default {
	...accounts,
	...people,
	...system,
	...org,
	...peopleImport,
};
