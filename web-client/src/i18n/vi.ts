import { words as app } from "@/app/words.vi";
import { words as lengths } from "@/format/words.vi";
import { words as kit } from "@/kit/words.vi";
import { words as access } from "@/office/access/words.vi";
import { words as monitor } from "@/office/monitor/words.vi";
import { words as replay } from "@/office/recording/words.vi";
import { words as schedule } from "@/office/schedule/words.vi";
import { words as training } from "@/office/training/words.vi";
import { words as room } from "@/room/words.vi";
import { words as signedIn } from "@/session/words.vi";
import { words as point } from "@/shared/point/words.vi";
import { words as recording } from "@/shared/recording/words.vi";
import { words as session } from "@/shared/session/words.vi";
import { words as common } from "./words.vi";

/**
 * Tiếng Việt, the source: its keys are the keys. Each zone has its words beside it, under names that are its own. Those of
 * the administrators' pages come with these: `vi.office.ts`.
 */
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
		...schedule,
		...training,
		...replay,
		...monitor,
	},
	room,
};
