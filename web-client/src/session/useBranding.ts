import { useQuery } from "@tanstack/react-query";
import type { Branding } from "@/protocol/generated/Branding";
import { brandingQuery } from "./api";
import { useServer } from "./context";

/** What the department is called; nothing as long as that is not known, which keeps no page from being shown. */
export function useBranding(): Partial<Branding> {
	return useQuery(brandingQuery(useServer())).data ?? {};
}
