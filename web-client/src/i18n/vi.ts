import { words as app } from "@/app/words.vi";
import { words as lengths } from "@/format/words.vi";
import { words as kit } from "@/kit/words.vi";
import { words as access } from "@/office/access/words.vi";
import { words as accounts } from "@/office/accounts/words.vi";
import { words as monitor } from "@/office/monitor/words.vi";
import { words as org } from "@/office/org/words.vi";
import { words as peopleImport } from "@/office/people/import/words.vi";
import { words as people } from "@/office/people/words.vi";
import { words as replay } from "@/office/recording/words.vi";
import { words as schedule } from "@/office/schedule/words.vi";
import { words as system } from "@/office/system/words.vi";
import { words as training } from "@/office/training/words.vi";
import { words as room } from "@/room/words.vi";
import { words as signedIn } from "@/session/words.vi";
import { words as point } from "@/shared/point/words.vi";
import { words as recording } from "@/shared/recording/words.vi";
import { words as session } from "@/shared/session/words.vi";
import { words as common } from "./words.vi";

/** Tiếng Việt, the source: its keys are the keys. Each zone has its words beside it, under names that are its own. */
export default {
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
		...org,
		...peopleImport,
	},
	room,
};
