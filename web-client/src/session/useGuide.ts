import { useQuery } from "@tanstack/react-query";
import type { Guide } from "@/protocol/generated/Guide";
import { guideQuery } from "./api";
import { useServer } from "./context";
import { may, useMe } from "./useMe";

/** The guide of the first days while it is to be shown unasked; nobody but those who keep the installation is shown it. */
export function useOpenGuide(): Guide | null {
	const me = useMe();
	const { data } = useQuery({
		...guideQuery(useServer()),
		enabled: may(me, "open_system"),
	});
	return data?.is_open ? data : null;
}
