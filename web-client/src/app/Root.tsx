import { MantineProvider } from "@mantine/core";
import { Outlet, useMatches } from "@tanstack/react-router";
import { cssVariablesResolver, theme } from "@/theme/theme";
import { styleNonce } from "./nonce";

/** The theme, dark in the live room and light elsewhere; on the one provider, so that drawers and menus follow. */
export function Root() {
	const scheme = useMatches({
		select: (matches) =>
			matches.some((match) => match.staticData.scheme === "dark")
				? "dark"
				: "light",
	});
	return (
		<MantineProvider
			theme={theme}
			cssVariablesResolver={cssVariablesResolver}
			forceColorScheme={scheme}
			env={import.meta.env.MODE === "test" ? "test" : "default"}
			getStyleNonce={() => styleNonce ?? ""}
		>
			<Outlet />
		</MantineProvider>
	);
}
