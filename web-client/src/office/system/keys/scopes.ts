import type { TFunction } from "i18next";
import type { ApiScope } from "@/protocol/generated/ApiScope";

/** Every scope, as the form offers them: reading before writing. */
export const scopes: ApiScope[] = [
	"units:read",
	"people:read",
	"people:write",
	"points:read",
	"points:write",
	"sessions:read",
	"sessions:write",
	"classes:read",
	"audit:read",
];

const words = {
	"units:read": "system.keys.scope.units_read",
	"people:read": "system.keys.scope.people_read",
	"people:write": "system.keys.scope.people_write",
	"points:read": "system.keys.scope.points_read",
	"points:write": "system.keys.scope.points_write",
	"sessions:read": "system.keys.scope.sessions_read",
	"sessions:write": "system.keys.scope.sessions_write",
	"classes:read": "system.keys.scope.classes_read",
	"audit:read": "system.keys.scope.audit_read",
} as const satisfies Record<ApiScope, string>;

/** What a key with a scope may do, in words. */
export const sayScope = (t: TFunction<"pages">, scope: ApiScope): string =>
	t(words[scope]);
